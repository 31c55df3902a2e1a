"""A tablet on a counter, `/k/<key>`: one person after the other, without a network too."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from promontory.errors import BadInput, NotAllowed, NotFound, Place, TooMany
from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.doors import (
    KIOSK_POLICY,
    asset,
    asset_url,
    flood,
    must_be_ours,
    network_of,
    page,
)
from promontory.program.answering.queries.invitations import Asked, by_link
from promontory.program.answering.rules.looks import fields
from promontory.program.answering.rules.paper import pages
from promontory.program.answering.rules.submission import read
from promontory.program.answering.views.flow import (
    Door,
    act_of,
    frame,
    say,
    say_plainly,
    sheet_for,
    take,
    words_of,
)
from promontory.program.organization.doors import now

AGAIN_AFTER = 8
"""So many seconds after the thanks the kiosk is ready for the next person."""

MOST_AT_ONCE = 200
OLDEST = timedelta(days=60)
_ID = re.compile(r"[A-Za-z0-9-]{16,64}")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whoever stands before the tablet; without a script, page by page."""
    at = now()
    try:
        asked = _kiosk(key, at)
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    door = _door(asked, key, request)
    if asked.shut:
        return say(door, f"page.{asked.shut}", status=410)
    if request.method == "POST":
        must_be_ours(request)
        flood.take(f"kiosk:{asked.link}:{network_of(request)}", a_minute=120, burst=120, at=at)
        return take(request, door, at=at)
    return _screen(door, key)


def thanks(request: HttpRequest, key: str) -> HttpResponse:
    """Thank, and begin anew after some seconds."""
    try:
        asked = _kiosk(key, now())
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    return say(_door(asked, key, request), "page.thanks")


@csrf_exempt
@require_POST
def answers(request: HttpRequest, key: str) -> HttpResponse:
    """Take what the tablet has queued, each under its own number; once again it does no harm."""
    at = now()
    try:
        must_be_ours(request)
        asked = _kiosk(key, at)
        flood.take(f"queue:{asked.link}:{network_of(request)}", a_minute=60, burst=60, at=at)
        queued = _queued(request)
    except TooMany as error:
        answer = JsonResponse({"error": error.message}, status=429)
        answer["Retry-After"] = str(error.retry_after)
        return answer
    except (NotFound, NotAllowed, BadInput) as error:
        return JsonResponse({"error": error.message}, status=error.status)
    door = _door(asked, key, request)
    acts: list[NewAct] = []
    kept: list[str] = []
    refused: list[str] = []
    for said in queued:
        act = _act(door, said, at)
        (refused if act is None else kept).append(str(said.get("id", ""))[:64])
        if act is not None:
            acts.append(act)
    keep(acts)
    return JsonResponse({"kept": kept, "refused": refused})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, key: str) -> HttpResponse:
    """Let staff leave the kiosk with its code."""
    at = now()
    try:
        asked = _kiosk(key, at)
        if request.method == "POST":
            must_be_ours(request)
            flood.take(f"exit:{key}:{network_of(request)}", a_minute=5, burst=5, at=at)
            given = str(request.POST.get("code", "")).encode()
            if hmac.compare_digest(given, exit_code(key).encode()):
                return HttpResponseRedirect("/", status=303)
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    except (TooMany, NotAllowed):
        return say_plainly("page.error.send", request, status=429)
    door = _door(asked, key, request)
    wrong = request.method == "POST"
    context = frame(door) | {"wrong": wrong, "back": door.address}
    return page("answering/leave.html", context, status=403 if wrong else 200)


def worker(request: HttpRequest) -> HttpResponse:
    """Serve the script that keeps the kiosk's page for when there is no network."""
    response = HttpResponse(asset("worker.js")[0], content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def exit_code(key: str) -> str:
    """Return the six digits by which staff leave a kiosk."""
    digest = hmac.digest(settings.TOKEN_KEY, b"kiosk " + key.encode(), sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def _kiosk(key: str, at: datetime) -> Asked:
    asked = by_link(key, at=at)
    if asked.kind != "kiosk":
        raise NotFound("This link is not a kiosk's.")
    return asked


def _door(asked: Asked, key: str, request: HttpRequest) -> Door:
    return Door(
        asked=asked,
        address=reverse("answering:kiosk", args=[key]),
        sheet=sheet_for(asked, request, words_of(asked.paper)),
        thanks=reverse("answering:kiosk-thanks", args=[key]),
        again=AGAIN_AFTER,
    )


def _screen(door: Door, key: str) -> HttpResponse:
    """Return all questions at once, for the script to show one after the other."""
    paper, sheet = door.asked.paper, door.sheet
    shown = fields(paper, paper.asks, sheet, answers={}, words={}, faults={})
    steps = []
    for ask, field in zip(paper.asks, shown, strict=True):
        key_before, values = ask.after or ("", frozenset())
        steps.append((field, key_before, " ".join(map(str, sorted(values)))))
    context = frame(door) | {
        "steps": steps,
        "first": [field for field in shown if field.key in {a.key for a in pages(paper.asks)[0]}],
        "session": "",
        "queue": reverse("answering:kiosk-answers", args=[key]),
        "leave": reverse("answering:kiosk-leave", args=[key]),
        "worker": reverse("answering:kiosk-worker"),
        "script": asset_url("kiosk.js"),
        "again": AGAIN_AFTER,
    }
    return page("answering/kiosk.html", context, policy=KIOSK_POLICY)


def _queued(request: HttpRequest) -> list[dict[str, Any]]:
    try:
        said = json.loads(request.body)
        queued = said["answers"]
    except (ValueError, KeyError, TypeError, RecursionError):
        queued = None
    if not isinstance(queued, list) or not all(isinstance(each, dict) for each in queued):
        raise BadInput("This is no list of answers.", place=Place(field="answers"))
    if len(queued) > MOST_AT_ONCE:
        raise BadInput(f"Send at most {MOST_AT_ONCE} answers at once.")
    return queued


def _act(door: Door, said: dict[str, Any], at: datetime) -> NewAct | None:
    """Return one queued answer as an act, None if nothing in it can be taken."""
    session, given = said.get("id"), said.get("answers")
    if not isinstance(session, str) or not _ID.fullmatch(session) or not isinstance(given, dict):
        return None
    if said.get("language") in door.asked.paper.languages:
        language = str(said["language"])
    else:
        language = door.sheet.language
    reading = read(door.asked.paper, given, demands=False)
    when = _when(said.get("at"), at)
    if reading.is_empty or (door.asked.shut and when is None):
        return None
    complete = bool(said.get("complete")) and not reading.faults
    act = act_of(door.asked, door.sheet.language, reading, session, is_complete=complete, at=at)
    return replace(act, language=language, answered_at=when)


def _when(given: object, at: datetime) -> datetime | None:
    """Return the tablet's time of an answer, None unless it is a plausible one."""
    try:
        when = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return when if at - OLDEST <= when <= at else None
