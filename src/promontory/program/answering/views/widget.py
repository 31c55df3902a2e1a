"""The widget's and native apps' doors, `/w/v1/…`: JSON, from other origins, without a cookie."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from promontory.errors import BadInput, Conflict, NotAllowed, NotFound, Place, Refusal, TooMany
from promontory.program.answering.actions.asking import UNSIGNED, NotNow, Who, ask, hear_event
from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.codes import Act
from promontory.program.answering.doors import COUNTED, flood, network_of
from promontory.program.answering.queries.invitations import (
    Asked,
    app_token,
    by_invitation,
    read_app_token,
)
from promontory.program.answering.queries.wording import sheet
from promontory.program.answering.rules.looks import Sheet, anchors, question_text
from promontory.program.answering.rules.paper import Paper, language_for
from promontory.program.answering.rules.submission import must_answer, read
from promontory.program.organization.doors import now
from promontory.program.outreach.models import Site

LARGEST = 64_000
GOOD_FOR = timedelta(hours=24)
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_EVENT = re.compile(r"[!-~]{1,64}")
_TEXTS = {
    "next": "page.next",
    "send": "page.send",
    "dismiss": "page.dismiss",
    "thanks": "page.thanks",
    "optional": "optional",
    "error": "page.error.summary",
    "privacy": "page.privacy",
}
Words = Mapping[str, Any]


class Expired(Conflict):
    """The question was asked too long ago."""

    status = 410
    slug = "expired"


@csrf_exempt
def called(request: HttpRequest, what: str) -> HttpResponse:
    """Do one of ask, shown, answer, dismiss and event for a site, in JSON."""
    origin = request.headers.get("Origin", "")
    if request.method == "OPTIONS":
        return _open_to(HttpResponse(status=204), origin if _is_anybodys(origin) else "")
    at = now()
    allowed = ""
    try:
        if request.method != "POST":
            raise NotAllowed("Send this as a POST.")
        words = _words(request)
        site = _site(words)
        must_ask_from(site, origin)
        allowed = origin if origin in site.origins else ""
        if COUNTED not in request.META:
            for who, a_minute, burst in limits(site, network_of(request)):
                flood.take(who, a_minute=a_minute, burst=burst, at=at)
        answer = JsonResponse(_DOORS[what](site, words, request, at))
    except Refusal as error:
        said = {"code": error.slug, "message": str(error)}
        answer = JsonResponse({"error": said}, status=error.status)
        if isinstance(error, TooMany):
            answer["Retry-After"] = str(error.retry_after)
        # A refusal is for the site's own page to read, too; it tells nothing about anybody.
        allowed = allowed or (origin if _is_anybodys(origin) else "")
    return _open_to(answer, allowed)


def must_ask_from(site: Site, origin: str) -> None:
    """Refuse a page of an origin that is not one of the site's."""
    if origin and origin != "null" and origin not in site.origins:
        raise NotAllowed(
            f"The site “{site.name}” does not ask from {origin}.",
            remedy="Add this origin under Ask → Sites.",
        )


def limits(site: Site, network: str) -> tuple[tuple[str, int, int], ...]:
    """Return how often somebody may come: who, times a minute, and at once."""
    return (f"site:{site.key}", 6_000, 6_000), (f"site:{site.key}:{network}", 240, 240)


def _ask(site: Site, words: Words, request: HttpRequest, at: datetime) -> dict[str, Any]:
    who = _who(words)
    found = ask(site, who, touchpoint=_text(words, "touchpoint", 64), at=at)
    if isinstance(found, NotNow):
        return _not_now(found)
    asked = by_invitation(found.pk, at=at)
    if asked.shut:
        return _not_now(NotNow(asked.shut, 86_400) if who.signature else UNSIGNED)
    accepted = request.headers.get("Accept-Language", "")
    paper = asked.paper
    wanted = _text(words, "language", 35)
    language = language_for(paper.languages, wanted, asked.language, accepted=accepted)
    expires = at.replace(microsecond=0) + GOOD_FOR
    token = app_token(found.pk, expires=expires)
    # The second part is the page's own number: all that ties one answer's parts together where
    # nobody may be tied to them.
    token = f"{token}~{secrets.token_urlsafe(16)}"
    return {"ask": _paper(paper, sheet(paper, language), token, expires)}


def _not_now(found: NotNow) -> dict[str, Any]:
    said: dict[str, Any] = {"ask": None, "why": found.why}
    return said if found.again_after is None else {**said, "again_after": found.again_after}


def _shown(site: Site, words: Words, request: HttpRequest, at: datetime) -> dict[str, Any]:
    _keep(words, Act.SHOWN, request, at)
    return {}


def _dismiss(site: Site, words: Words, request: HttpRequest, at: datetime) -> dict[str, Any]:
    _keep(words, Act.DISMISSED, request, at)
    return {}


def _answer(site: Site, words: Words, request: HttpRequest, at: datetime) -> dict[str, Any]:
    asked, session = _asked(words, request, at)
    if new := act_said(words, asked, session, at):
        keep([new])
    return {"kept": True}


def act_said(words: Words, asked: Asked, session: str, at: datetime) -> NewAct | None:
    """Read an answer, or refuse it; None: it says nothing and is not the last word."""
    if not _ID.fullmatch(_text(words, "id", 64)):
        raise BadInput("An answer needs an id of its own.", place=Place(field="id"))
    given, complete = words.get("answers"), words.get("complete", True)
    if not isinstance(given, dict) or not isinstance(complete, bool):
        raise BadInput("Answers are {question key: value}.", place=Place(field="answers"))
    unknown = sorted(set(given) - {each.key for each in asked.paper.asks})
    if unknown:
        raise BadInput(f"The survey does not ask “{unknown[0]}”.", place=Place(field=unknown[0]))
    reading = read(asked.paper, given, asked=None if complete else list(given), demands=False)
    if reading.faults:
        raise BadInput(_why(asked.paper, reading.faults), place=Place(field=min(reading.faults)))
    if reading.is_empty and not complete:
        return None
    return NewAct(
        act=Act.COMPLETE if complete else Act.PARTIAL,
        survey=asked.paper.survey,
        version=asked.paper.version,
        session=session,
        channel=asked.channel,
        received_at=at,
        invitation=asked.invitation,
        language=language_for(asked.paper.languages, _text(words, "language", 35), asked.language),
        answers=reading.answers,
        words=reading.words,
    )


def _event(site: Site, words: Words, request: HttpRequest, at: datetime) -> dict[str, Any]:
    key = _text(words, "id", 64)
    if not _EVENT.fullmatch(key):
        raise BadInput("An event needs an id of its own.", place=Place(field="id"))
    touchpoint = _text(words, "touchpoint", 64)
    when = _instant(words.get("occurred_at")) or at
    if when < at - timedelta(days=400):
        raise BadInput("This happened too long ago.", place=Place(field="occurred_at"))
    hear_event(site, _who(words), touchpoint=touchpoint, key=key, occurred_at=when, at=at)
    return {"kept": True}


_DOORS: Mapping[str, Callable[[Site, Words, HttpRequest, datetime], dict[str, Any]]] = {
    "ask": _ask,
    "shown": _shown,
    "answer": _answer,
    "dismiss": _dismiss,
    "event": _event,
}


def _paper(paper: Paper, words: Sheet, token: str, expires: datetime) -> dict[str, Any]:
    questions = []
    for each in paper.asks:
        low, high = anchors(each, words)
        if each.kind == "yes_no":
            low, high = words.say("yes_no.no"), words.say("yes_no.yes")
        questions.append(
            {
                "key": each.key,
                "kind": each.kind,
                "low": each.low,
                "high": each.high,
                "text": question_text(paper, each, words)[0],
                "low_label": low,
                "high_label": high,
                "required": must_answer(paper, each),
                "show_if": {"question": each.after[0], "values": sorted(each.after[1])}
                if each.after
                else None,
                "options": [
                    {"key": o.key, "value": o.value, "text": o.texts.get(words.language) or o.text}
                    for o in each.options
                ],
            }
        )
    return {
        "token": token,
        "version": paper.number,
        "language": words.language,
        "dir": words.direction,
        "expires": expires.isoformat(),
        "promise": words.say(f"promise.{paper.promise}"),
        "questions": questions,
        "texts": {name: words.say(key) for name, key in _TEXTS.items()},
    }


def _keep(words: Words, act: Act, request: HttpRequest, at: datetime) -> None:
    asked, session = _asked(words, request, at)
    new = NewAct(
        act=act,
        survey=asked.paper.survey,
        version=asked.paper.version,
        session=session,
        channel=asked.channel,
        received_at=at,
        invitation=asked.invitation,
    )
    keep([new])


def _asked(words: Words, request: HttpRequest, at: datetime) -> tuple[Asked, str]:
    given = _text(words, "token", 64)
    read = read_app_token(given.partition("~")[0])
    try:
        if read is None:
            raise NotFound("It was never made.")
        number, expires = read
        asked = by_invitation(number, at=at)
    except NotFound:
        raise NotFound("This token is not ours.", remedy="Ask anew.") from None
    if expires <= at:
        raise Expired("This question was asked too long ago.", remedy="Ask anew.")
    if COUNTED not in request.META:
        who, a_minute, burst = token_limit(number)
        flood.take(who, a_minute=a_minute, burst=burst, at=at)
    if asked.shut:
        raise Conflict("This survey takes no more answers.", remedy="Ask anew.")
    return asked, session_in(given)


def token_limit(invitation: int) -> tuple[str, int, int]:
    """Return how often something may be said to one invitation."""
    return f"answer:app {invitation}", 30, 30


def session_in(token: str) -> str:
    """Return the page's own number, a new one where there is none."""
    session = token.partition("~")[2]
    return session if _ID.fullmatch(session) else secrets.token_urlsafe(16)


def _why(paper: Paper, faults: Mapping[str, str]) -> str:
    each = paper.ask(min(faults))
    if each is not None and each.kind == "scale":
        return f"“{each.key}” is answered with a whole number from {each.low} to {each.high}."
    return f"This is no answer to “{min(faults)}”."


def _who(words: Words) -> Who:
    attributes = words.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise BadInput("Attributes are {key: value}.", place=Place(field="attributes"))
    return Who(
        customer=_text(words, "customer", 200),
        email=_text(words, "email", 320),
        signature=_text(words, "signature", 128),
        language=_text(words, "language", 35),
        attributes={
            str(key)[:64]: str(value)[:300]
            for key, value in attributes.items()
            if isinstance(value, (str, int, float)) and not isinstance(value, bool)
        },
    )


def _site(words: Words) -> Site:
    found = Site.objects.filter(key=_text(words, "site", 32), is_active=True).first()
    if found is None:
        raise NotFound("There is no such site.", remedy="Its key stands under Ask → Sites.")
    return found


def _words(request: HttpRequest) -> Words:
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise BadInput("This is larger than any answer.")
    try:
        words = json.loads(request.body)
    except (ValueError, RecursionError):
        words = None
    if not isinstance(words, dict):
        raise BadInput("This is no JSON object.")
    return words


def _text(words: Words, name: str, most: int) -> str:
    given = words.get(name)
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise BadInput(f"“{name}” is a text.", place=Place(field=name))
    text = str(given)
    if len(text) > most or "\0" in text:
        raise BadInput(f"“{name}” has at most {most} characters.", place=Place(field=name))
    return text


def _instant(given: object) -> datetime | None:
    if given is None:
        return None
    try:
        when = datetime.fromisoformat(str(given))
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise BadInput("An instant reads 2026-05-04T12:00:00Z.", place=Place(field="occurred_at"))
    return when


def _is_anybodys(origin: str) -> bool:
    """Whether some site of ours asks from this origin."""
    if not origin or len(origin) > 300:
        return False
    return any(origin in origins for origins in _origins())


def _origins() -> list[list[str]]:
    return list(Site.objects.filter(is_active=True).values_list("origins", flat=True)[:1_000])


def _open_to(response: HttpResponse, origin: str) -> HttpResponse:
    for name, value in open_to(origin):
        response[name] = value
    return response


def open_to(origin: str) -> list[tuple[str, str]]:
    """Return the headers that let pages of this origin read the answer."""
    headers = [
        ("Cache-Control", "no-store"),
        ("Vary", "Origin"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ]
    if origin:
        headers += [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Methods", "POST"),
            ("Access-Control-Allow-Headers", "content-type"),
            ("Access-Control-Max-Age", "86400"),
        ]
    return headers
