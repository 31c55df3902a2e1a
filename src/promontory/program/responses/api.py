"""The REST API of responses and imports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from promontory.errors import BadInput, NotFound, Place
from promontory.program.customers import actions as customers
from promontory.program.customers import queries as customer_queries
from promontory.program.organization.access import Can
from promontory.program.organization.doors import LONGEST_PAGE, Strict, answers, now, viewer
from promontory.program.responses import actions, queries
from promontory.program.responses.models import Import
from promontory.program.responses.queries import Filters, Shown
from promontory.program.surveys import queries as surveys

router = Router(tags=["responses"])


class AnswerOut(Schema):
    """The answer to one question."""

    key: str
    metric: str
    value: int


class HappeningOut(Schema):
    """One ledger entry about a response; position 0 is not sealed yet."""

    position: int
    at: datetime
    what: str
    by: str
    detail: str


class ResponseOut(Schema):
    """A response as far as the promise and your role allow."""

    id: int
    survey: str
    promise: str
    answered_at: datetime
    received_at: datetime
    group: str
    answers: list[AnswerOut]
    comment: str
    is_masked: bool
    channel: str
    language: str
    attributes: dict[str, str]
    exclusions: list[str]
    vendor_id: str
    person: dict[str, str]
    account: str
    history: list[HappeningOut]


class ResponsePage(Schema):
    """Responses, newest first; `next` is the cursor of the page after it."""

    items: list[ResponseOut]
    next: str | None


class PersonIn(Strict):
    """Who answered, by any of these; nothing is kept under an anonymous promise."""

    email: str = ""
    customer: str = ""
    phone: str = ""
    name: str = ""


class ResponseIn(Strict):
    """One answer from outside; sending the same `id` again changes nothing."""

    survey: str
    id: str
    answered_at: datetime
    answers: dict[str, int | None]
    person: PersonIn | None = None
    account: str = ""
    comment: str = ""
    language: str = ""
    channel: str = "unknown"
    attributes: dict[str, str] = {}


class CorrectionIn(Strict):
    """What the answers should have been, and why."""

    answers: dict[str, int | None]
    comment: str | None = None
    reason: str


class ImportOut(Schema):
    """A file on its way in; `status` says where it stands."""

    id: int
    file_name: str
    survey: str | None
    status: str
    sha256: str
    size: int
    rows_total: int
    rows_done: int
    proposal: dict[str, Any]
    mapping: dict[str, Any]
    preview: dict[str, Any]
    report: dict[str, Any]
    problem: str
    created_at: datetime
    finished_at: datetime | None


class ImportPage(Schema):
    """Imports, newest first."""

    items: list[ImportOut]
    next: str | None


class MappingIn(Strict):
    """What the columns are; begin with the import's `proposal`."""

    survey: str
    columns: list[dict[str, Any]]
    zone: str | None = None
    order: str | None = None
    numbers: str | None = None
    fold: str | None = None
    fixed_day: str | None = None
    partial: str = "commented"
    sheet: str = ""


class ErasureIn(Strict):
    """Whom to erase, by an exact e-mail address, customer number or telephone."""

    identifier: str


class ErasureOut(Schema):
    """That somebody was erased; it says no more than that."""

    erased: bool


def _response(shown: Shown) -> ResponseOut:
    return ResponseOut(
        id=shown.id,
        survey=shown.survey_key,
        promise=shown.promise,
        answered_at=shown.answered_at,
        received_at=shown.received_at,
        group=shown.group,
        answers=[AnswerOut(key=a.key, metric=a.metric, value=a.value) for a in shown.answers],
        comment=shown.comment,
        is_masked=shown.is_masked,
        channel=shown.channel,
        language=shown.language,
        attributes=dict(shown.attributes),
        exclusions=list(shown.exclusions),
        vendor_id=shown.vendor_id,
        person=dict(shown.person),
        account=shown.account,
        history=[HappeningOut(**asdict(line)) for line in shown.history],
    )


def _import(made: Import) -> ImportOut:
    return ImportOut(
        id=made.pk,
        survey=made.survey.key if made.survey else None,
        **{
            name: getattr(made, name)
            for name in ImportOut.model_fields
            if name not in {"id", "survey"}
        },
    )


@router.get("/responses", response=answers(ResponsePage), summary="Find responses")
def list_responses(
    request: HttpRequest,
    survey: str = "",
    group: str = "",
    words: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    has_comment: bool | None = None,
    cursor: str = "",
    limit: int = Query(50, ge=1, le=200),
) -> ResponsePage:
    asking = viewer(request)
    chosen = surveys.survey(survey, viewer=asking).pk if survey else None
    filters = Filters(
        survey=chosen,
        group=group,
        words=words,
        since=_aware(since, "since"),
        until=_aware(until, "until"),
        has_comment=has_comment,
    )
    page = queries.search(filters, viewer=asking, cursor=cursor, size=limit)
    return ResponsePage(items=[_response(row) for row in page.rows], next=page.next or None)


@router.post("/responses", response=answers(ResponseOut, 201), summary="Record a response")
def record_response(request: HttpRequest, payload: ResponseIn) -> tuple[int, ResponseOut]:
    asking, at = viewer(request), now()
    asking.must(Can.IMPORT)
    survey = surveys.survey(payload.survey, viewer=asking)
    told = payload.person
    contact = None
    if told is not None and survey.promise != "anonymous":
        contact = customers.resolve_contact(**told.dict(), account=payload.account, at=at)
    made = actions.record(
        actions.NewResponse(
            survey=survey,
            answers=payload.answers,
            answered_at=payload.answered_at,
            given_id=payload.id,
            contact=contact,
            account=payload.account,
            comment=payload.comment,
            language=payload.language,
            channel=payload.channel,
            attributes=payload.attributes,
        ),
        by=asking,
        at=at,
    )
    return 201, _response(queries.one(made.pk, viewer=asking))


@router.get("/responses/{pk}", response=answers(ResponseOut), summary="One response")
def get_response(request: HttpRequest, pk: int) -> ResponseOut:
    return _response(actions.open_response(pk, by=viewer(request), at=now()))


@router.post("/responses/{pk}/correction", response=answers(ResponseOut), summary="Put it right")
def correct_response(request: HttpRequest, pk: int, payload: CorrectionIn) -> ResponseOut:
    asking = viewer(request)
    actions.correct(
        pk,
        answers=payload.answers,
        comment=payload.comment,
        reason=payload.reason,
        by=asking,
        at=now(),
    )
    return _response(queries.one(pk, viewer=asking))


@router.get("/imports", response=answers(ImportPage), summary="All imports")
def list_imports(
    request: HttpRequest, before: int | None = None, limit: int = Query(50, ge=1, le=LONGEST_PAGE)
) -> ImportPage:
    found = queries.imports(viewer=viewer(request)).order_by("-pk")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: limit + 1])
    following = str(rows[limit - 1].pk) if len(rows) > limit else None
    return ImportPage(items=[_import(row) for row in rows[:limit]], next=following)


@router.post("/imports", response=answers(ImportOut, 201), summary="Upload a file of answers")
def upload(
    request: HttpRequest, file: File[UploadedFile], survey: Form[str] = ""
) -> tuple[int, ImportOut]:
    asking = viewer(request)
    asking.must(Can.IMPORT)
    chosen = surveys.survey(survey, viewer=asking) if survey else None
    made = actions.upload(file.chunks(), file.name or "file", survey=chosen, by=asking, at=now())
    return 201, _import(made)


@router.get("/imports/{pk}", response=answers(ImportOut), summary="One import")
def get_import(request: HttpRequest, pk: int) -> ImportOut:
    return _import(queries.one_import(pk, viewer=viewer(request)))


@router.put("/imports/{pk}/mapping", response=answers(ImportOut), summary="Declare the columns")
def put_mapping(request: HttpRequest, pk: int, payload: MappingIn) -> ImportOut:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    told = payload.dict()
    survey = surveys.survey(told.pop("survey"), viewer=asking)
    return _import(actions.set_mapping(made, told, survey=survey, by=asking, at=now()))


@router.post("/imports/{pk}/commit", response=answers(ImportOut, 202), summary="Commit it")
def commit(request: HttpRequest, pk: int) -> tuple[int, ImportOut]:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    return 202, _import(actions.start_commit(made, by=asking, at=now()))


@router.post("/imports/{pk}/cancel", response=answers(ImportOut), summary="Cancel it")
def cancel(request: HttpRequest, pk: int) -> ImportOut:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    return _import(actions.cancel(made, by=asking, at=now()))


@router.get("/imports/{pk}/rejected.csv", summary="The rejected rows, with their reasons")
def rejected(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    rows = queries.rejected_rows(made, viewer=asking)
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{made.pk}.csv"'
    return response


class _Echo:
    """A file that hands back what is written to it, for the CSV writer."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterator[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)


@router.post("/erasures", response=answers(ErasureOut), summary="Erase a person for ever")
def erase(request: HttpRequest, payload: ErasureIn) -> ErasureOut:
    asking = viewer(request)
    asking.must(Can.ERASE)
    contact = customer_queries.search_contact(payload.identifier, viewer=asking)
    if contact is None:
        raise NotFound("Nobody here has exactly this e-mail, customer number or telephone.")
    actions.erase_contact(contact.pk, by=asking, at=now())
    return ErasureOut(erased=True)


def _aware(at: datetime | None, field: str) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise BadInput(
            "This time has no zone.", remedy="Write 2026-03-31T12:00:00Z.", place=Place(field=field)
        )
    return at
