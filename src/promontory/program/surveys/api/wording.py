"""The REST API of wording: what is said in each language, and who reviewed it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Field, P, PathEx, QueryEx, Router, Schema
from pydantic import StringConstraints

from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Strict,
    answers,
    etag,
    must_match,
    not_modified,
    now,
    tagged,
    viewer,
)
from promontory.program.surveys.actions import wording as actions
from promontory.program.surveys.queries import wording
from promontory.program.surveys.queries.standings import Standing, standings
from promontory.program.surveys.queries.wording import Text
from promontory.program.surveys.rules.texts import INFORMAL
from promontory.program.surveys.rules.wording import LONGEST_TEXT

router = Router(tags=["wording"])

Code = PathEx[
    str, P(max_length=16, pattern=r"^[a-zA-Z-]+$", description="A language, as in pt-BR.")
]
TextKey = PathEx[
    str, P(max_length=64, pattern=r"^[a-z_.]+$", description="A key, as in recommend.question.")
]
Register = QueryEx[
    Literal["", "formal", "informal"],
    P(description="informal, where the language has it; else as the language is written."),
]


class LanguageOut(Schema):
    """A language, and how far its texts are reviewed."""

    code: str = Field(examples=["pt-BR"])
    name: str
    own_name: str
    direction: Literal["ltr", "rtl"]
    script: str = Field(examples=["Latn"])
    registers: list[str]
    brand_note: str = Field(description="How the brand stands in its sentences.")
    reviewed: int
    total: int
    findings: int
    is_asked: bool = Field(description="Whether a published survey is asked in it.")


class LanguageList(Schema):
    """Every language that there are texts in."""

    items: list[LanguageOut]


class TextOut(Schema):
    """A text as it stands now."""

    key: str = Field(examples=["recommend.question"])
    in_register: str = Field(description="informal, or empty as the language is written.")
    text: str
    english: str
    status: Literal["draft", "reviewed"]
    is_own: bool = Field(description="Whether you wrote it, rather than we.")
    reviewed_by: str
    reviewed_at: datetime | None
    note: str


class FindingOut(Schema):
    """What is wrong with a text, and what to do."""

    level: Literal["refuse", "warn"]
    key: str
    sentence: str
    remedy: str


class WordingOut(Schema):
    """Every text of one language in one register, with what is found in them."""

    language: str
    in_register: str
    direction: Literal["ltr", "rtl"]
    items: list[TextOut]
    findings: list[FindingOut]


class TextIn(Strict):
    """A text of your own; it is a draft until somebody reviews it."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    note: Annotated[str, StringConstraints(max_length=300)] = ""


class ReviewIn(Strict):
    """The texts that are right; none named, all drafts of the language."""

    keys: list[Annotated[str, StringConstraints(max_length=64)]] = Field([], max_length=200)


class Reviewed(Schema):
    """How many texts have been reviewed by this."""

    reviewed: int


def _language(standing: Standing) -> LanguageOut:
    language = standing.language
    return LanguageOut(
        code=language.code,
        name=language.name,
        own_name=language.own_name,
        direction="rtl" if language.direction == "rtl" else "ltr",
        script=language.script,
        registers=list(language.registers),
        brand_note=language.brand_note,
        reviewed=standing.reviewed,
        total=standing.total,
        findings=standing.findings,
        is_asked=standing.is_asked,
    )


def _text(text: Text) -> TextOut:
    return TextOut(
        key=text.key,
        in_register=text.register,
        text=text.text,
        english=text.english,
        status="reviewed" if text.is_reviewed else "draft",
        is_own=text.is_own,
        reviewed_by=text.reviewed_by,
        reviewed_at=text.reviewed_at,
        note=text.note,
    )


def _tag(text: Text) -> str:
    return etag("wording", _text(text).dict())


@router.get("/wording", response=answers(LanguageList), summary="Every language")
def list_languages(request: HttpRequest) -> LanguageList:
    found = standings(viewer=viewer(request))
    return LanguageList(items=[_language(each) for each in found])


@router.get("/wording/{language}", response=answers(WordingOut), summary="A language's texts")
def get_wording(request: HttpRequest, language: Code, in_register: Register = "") -> WordingOut:
    viewer(request).must(Can.SEE_SCORES)
    chosen = wording.language(language)
    found = wording.texts_of(chosen, in_register)
    return WordingOut(
        language=chosen.code,
        in_register=chosen.register(in_register),
        direction="rtl" if chosen.direction == "rtl" else "ltr",
        items=[_text(text) for text in found.values()],
        findings=[FindingOut.from_orm(each) for each in wording.findings_of(chosen, found)],
    )


@router.post("/wording/{language}/review", response=answers(Reviewed), summary="Review texts")
def review_wording(
    request: HttpRequest, language: Code, payload: ReviewIn, in_register: Register = ""
) -> Reviewed:
    """Say that these texts are right, or all drafts of the language."""
    number = actions.review_texts(
        wording.language(language),
        keys=payload.keys or None,
        register=_wished(in_register),
        by=viewer(request),
        at=now(),
    )
    return Reviewed(reviewed=number)


@router.get("/wording/{language}/{key}", response=answers(TextOut), summary="One text")
def get_text(
    request: HttpRequest,
    response: HttpResponse,
    language: Code,
    key: TextKey,
    in_register: Register = "",
) -> TextOut | HttpResponse:
    viewer(request).must(Can.SEE_SCORES)
    found = wording.text_of(wording.language(language), in_register, key)
    tag = _tag(found)
    if same := not_modified(request, tag):
        return same
    tagged(response, tag)
    return _text(found)


@router.put("/wording/{language}/{key}", response=answers(TextOut), summary="Write a text")
def put_text(
    request: HttpRequest,
    response: HttpResponse,
    language: Code,
    key: TextKey,
    payload: TextIn,
    in_register: Register = "",
) -> TextOut:
    """Say it in your own words; it is a draft until reviewed. If-Match guards against races."""
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    chosen = wording.language(language)
    with transaction.atomic():
        must_match(request, _tag(wording.text_of(chosen, in_register, key)))
        kept = actions.put_text(
            chosen,
            key=key,
            text=payload.text,
            note=payload.note,
            register=_wished(in_register),
            by=asking,
            at=now(),
        )
    tagged(response, _tag(kept))
    return _text(kept)


@router.delete("/wording/{language}/{key}", response=answers(TextOut), summary="Drop your text")
def restore_text(
    request: HttpRequest, language: Code, key: TextKey, in_register: Register = ""
) -> TextOut:
    """Go back to the text that we ship; what you wrote stays in the audit."""
    chosen = wording.language(language)
    back = actions.restore_text(
        chosen, key=key, register=_wished(in_register), by=viewer(request), at=now()
    )
    return _text(back)


def _wished(register: str) -> str:
    return INFORMAL if register == INFORMAL else ""
