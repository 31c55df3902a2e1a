"""From page to page: what was sent is read, kept, and followed by the next questions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode

from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.codes import Act
from promontory.program.answering.doors import PAGE_POLICY, page
from promontory.program.answering.queries.invitations import Asked
from promontory.program.answering.queries.wording import plain_sheet, sheet
from promontory.program.answering.rules.looks import Sheet, fields
from promontory.program.answering.rules.paper import (
    Paper,
    language_for,
    may_be_last,
    page_after,
    pages,
)
from promontory.program.answering.rules.submission import Reading, read

_SESSION = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody answers: the address that takes the answer, and what the page shows beside.

    `keeps` is what is done with an act (a preview keeps none); `again` how many seconds after the
    thanks the door is ready for the next person.
    """

    asked: Asked
    address: str
    sheet: Sheet
    thanks: str = ""
    preferences: str = ""
    trap: bool = False
    again: int = 0
    ancestors: str = "'none'"
    keeps: Callable[[list[NewAct]], None] = field(default=lambda acts: keep(acts))


def sheet_for(asked: Asked, request: HttpRequest, words: Callable[[str], Sheet]) -> Sheet:
    """Return the words in the language chosen, else the contact's, else the browser's."""
    chosen = str(
        request.POST.get("language") or request.POST.get("lang") or request.GET.get("lang") or ""
    )
    accepted = request.headers.get("Accept-Language", "")
    return words(language_for(asked.paper.languages, chosen, asked.language, accepted=accepted))


def words_of(paper: Paper) -> Callable[[str], Sheet]:
    """Return how a paper's words are looked up."""
    return lambda language: sheet(paper, language)


def show(
    door: Door,
    *,
    number: int = 0,
    session: str = "",
    answers: Mapping[str, int | None] | None = None,
    words: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return one page of questions, with what was said before carried along."""
    paper, sheet = door.asked.paper, door.sheet
    answers, words, faults = answers or {}, words or {}, faults or {}
    all_pages = pages(paper.asks)
    here = [ask for ask in all_pages[number] if ask.follows(answers)] if all_pages else []
    carried = [
        (f"q-{ask.key}", answers.get(ask.key) if ask.is_closed else words.get(ask.key))
        for ask in paper.asks
        if ask not in here
    ]
    shown = fields(paper, here, sheet, answers=answers, words=words, faults=faults)
    context = frame(door) | {
        "fields": shown,
        "faulty": [each for each in shown if each.fault],
        "number": number,
        "session": session or secrets.token_urlsafe(18),
        "carried": [(name, value) for name, value in carried if value is not None],
        "is_last": not all_pages or may_be_last(number, all_pages, answers),
        "trap": door.trap,
    }
    return _page(door, "answering/ask.html", context, status=422 if faults else 200)


def show_chosen(door: Door, score: int) -> HttpResponse:
    """Return the page that says which score was clicked, and asks to confirm it."""
    paper, sheet = door.asked.paper, door.sheet
    ask = paper.score
    assert ask is not None
    all_pages = pages(paper.asks)
    [shown] = fields(paper, [ask], sheet, answers={ask.key: score}, words={}, faults={})
    context = frame(door) | {
        "field": shown,
        "score": score,
        "chosen": sheet.say("page.chosen", score=score),
        "number": next(n for n, some in enumerate(all_pages) if ask in some),
        "session": secrets.token_urlsafe(18),
    }
    return _page(door, "answering/chosen.html", context)


@dataclass(frozen=True, slots=True)
class Turn:
    """A page that was filled in and sent: what was read, and what comes next.

    `following` is the next page, None after the last; `faults` keep one on the page they are on.
    """

    number: int
    session: str
    reading: Reading
    following: int | None
    faults: Mapping[str, str]

    @property
    def is_done(self) -> bool:
        """Whether this completes the answer."""
        return self.following is None and not self.faults


def turned(paper: Paper, form: Mapping[str, Any]) -> Turn:
    """Read a page that was sent."""
    all_pages = pages(paper.asks)
    number = _number(form, len(all_pages))
    sent = {ask.key: form.get(f"q-{ask.key}") for ask in paper.asks}
    asked = {ask.key for ask in all_pages[number]}
    reading = read(paper, sent, asked=asked, demands=not _is_switch(form))
    following = page_after(number, all_pages, reading.answers)
    faults = dict(reading.faults)
    if not faults and following is None and reading.is_empty:
        faults = {ask.key: "choose" for ask in all_pages[0][:1]}
    return Turn(number, _session(form), reading, following, faults)


def take(request: HttpRequest, door: Door, *, at: datetime) -> HttpResponse:
    """Read what was sent, keep it, and go on: to the next page, back to a fault, or to thanks."""
    turn = turned(door.asked.paper, request.POST)
    reading = turn.reading

    def go_to(number: int, faults: Mapping[str, str] | None = None) -> HttpResponse:
        return show(
            door,
            number=number,
            session=turn.session,
            answers=reading.answers,
            words=reading.words,
            faults=faults,
        )

    if _is_switch(request.POST):
        return go_to(turn.number)
    if not reading.is_empty:
        language = door.sheet.language
        act = act_of(door.asked, language, reading, turn.session, is_complete=turn.is_done, at=at)
        door.keeps([act])
    if turn.faults:
        all_pages = pages(door.asked.paper.asks)
        wrong = next(
            n for n, some in enumerate(all_pages) if any(a.key in turn.faults for a in some)
        )
        return go_to(wrong, turn.faults)
    if turn.following is not None:
        return go_to(turn.following)
    return HttpResponseRedirect(with_language(door.thanks, door.sheet.language), status=303)


def act_of(
    asked: Asked, language: str, reading: Reading, session: str, *, is_complete: bool, at: datetime
) -> NewAct:
    """Return what was read as an act to be kept."""
    return NewAct(
        act=Act.COMPLETE if is_complete else Act.PARTIAL,
        survey=asked.paper.survey,
        version=asked.paper.version,
        session=session,
        channel=asked.channel,
        received_at=at,
        invitation=asked.invitation,
        link=asked.link,
        language=language,
        answers=reading.answers,
        words=reading.words,
    )


def say(door: Door, *keys: str, change: str = "", status: int = 200) -> HttpResponse:
    """Return a page that says one thing: thanks, closed, already answered."""
    context = frame(door) | {"said": [door.sheet.say(key) for key in keys], "change": change}
    return _page(door, "answering/said.html", context, status=status)


def say_plainly(key: str, request: HttpRequest, *, status: int) -> HttpResponse:
    """Return the same where no survey is known: a link that leads nowhere, a closed door."""
    accepted = request.headers.get("Accept-Language", "")
    sheet = plain_sheet(language_for(_KNOWN, accepted=accepted, default="en"))
    context = {
        "sheet": sheet,
        "title": sheet.say(key),
        "brand": "",
        "said": [sheet.say(key)],
        "t": texts(sheet),
    }
    return page("answering/said.html", context, status=status)


_KNOWN = ("en", "de", "fr", "es", "it", "nl", "pt-PT", "pt-BR", "pl", "ar", "he", "ja", "ko")


def frame(door: Door) -> dict[str, Any]:
    """Return what every page of a door shows."""
    paper, sheet = door.asked.paper, door.sheet
    return {
        "sheet": sheet,
        "door": door,
        "address": door.address,
        "brand": sheet.say("page.sender", brand=paper.brand) if paper.brand else "",
        "title": sheet.say("mail.subject", brand=paper.brand),
        "promise": sheet.say(f"promise.{paper.promise}"),
        "languages": _others(door),
        "is_test": door.asked.is_test,
        "t": texts(sheet),
    }


def _others(door: Door) -> list[Sheet]:
    """Return the other languages one may switch to."""
    found = [plain_sheet(language) for language in door.asked.paper.languages]
    return [each for each in found if each.language != door.sheet.language]


def texts(sheet: Sheet) -> dict[str, str]:
    """Return the words of a sheet as a template asks for them: page.next is `t.page_next`."""
    return {key.replace(".", "_"): text for key, text in sheet.texts.items()}


def _page(door: Door, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    policy = PAGE_POLICY.format(ancestors=door.ancestors)
    return page(template, context, status=status, policy=policy)


def _is_switch(form: Mapping[str, Any]) -> bool:
    """Whether another language was asked for, and nothing is demanded yet."""
    return "language" in form


def _session(form: Mapping[str, Any]) -> str:
    """Return the number of the page this was sent from, a new one where there is none."""
    given = str(form.get("session", ""))
    return given if _SESSION.fullmatch(given) else secrets.token_urlsafe(18)


def _number(form: Mapping[str, Any], count: int) -> int:
    given = str(form.get("page", "0"))
    return (
        min(int(given), count - 1)
        if given.isascii() and given.isdecimal() and len(given) < 4
        else 0
    )


def with_language(address: str, language: str) -> str:
    """Return an address that says in which language to go on."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'lang': language})}"
