"""The page of an invitation: `/r/<token>`. No script, no cookie, nothing from elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from promontory.errors import NotAllowed, NotFound, TooMany
from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.codes import Act
from promontory.program.answering.doors import (
    COUNTED,
    flood,
    is_idle_look,
    must_be_ours,
    network_of,
)
from promontory.program.answering.queries.invitations import Asked, by_token
from promontory.program.answering.rules.submission import whole
from promontory.program.answering.views.flow import (
    Door,
    say,
    say_plainly,
    sheet_for,
    show,
    show_chosen,
    take,
    words_of,
)
from promontory.program.organization.doors import now
from promontory.program.outreach.codes import Disposition

_SEEN = {
    Disposition.SHOWN,
    Disposition.CLICKED,
    Disposition.PARTIAL,
    Disposition.ANSWERED,
    Disposition.QUARANTINED,
}
_DONE = {Disposition.ANSWERED, Disposition.QUARANTINED}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """Ask who was invited, take their answer, or say why it is too late.

    A GET records no answer; a score clicked in a mail is shown to be confirmed.
    """
    at = now()
    try:
        if COUNTED not in request.META:
            for who, a_minute, burst in limits(network_of(request), token):
                flood.take(who, a_minute=a_minute, burst=burst, at=at)
        asked = by_token(token, at=at)
        if request.method == "POST":
            must_be_ours(request)
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    except TooMany as error:
        response = say_plainly("page.error.send", request, status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    except NotAllowed:
        return say_plainly("page.error.send", request, status=403)
    door = door_of(asked, token, request)
    if asked.shut:
        return say(door, f"page.{asked.shut}", status=410)
    if request.method == "POST":
        return take(request, door, at=at)
    return _look(request, door, token)


def limits(network: str, token: str) -> tuple[tuple[str, int, int], ...]:
    """Return how often somebody may come: who, times a minute, and at once."""
    # Strangers who try out tokens; an office behind one address stays far below it.
    return (f"token:{network}", 600, 600), (f"answer:{token[:24]}", 30, 30)


def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Thank for the answer; it may still be changed."""
    try:
        asked = by_token(token, at=now())
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    door = door_of(asked, token, request)
    change = _change(door) if not asked.shut else ""
    return say(door, "page.thanks", "page.thanks_detail", change=change)


def door_of(asked: Asked, token: str, request: HttpRequest) -> Door:
    """Return the door of an invitation."""
    return Door(
        asked=asked,
        address=reverse("answering:invited", args=[token]),
        sheet=sheet_for(asked, request, words_of(asked.paper)),
        thanks=reverse("answering:thanks", args=[token]),
        preferences=reverse("answering:preferences", args=[token]),
    )


def _look(request: HttpRequest, door: Door, token: str) -> HttpResponse:
    asked = door.asked
    score = whole(request.GET.get("score"))
    question = asked.paper.score
    if asked.disposition in _DONE and "change" not in request.GET and score is None:
        if asked.paper.promise == "anonymous":
            return say(door, "page.thanks", "page.thanks_detail")
        return say(door, "page.answered", change=_change(door))
    is_score = score is not None and question is not None and question.takes(score)
    if not is_idle_look(request):
        if is_score and asked.disposition not in _DONE:
            _keep(door, Act.CLICKED, score)
        elif asked.disposition not in _SEEN:
            _keep(door, Act.SHOWN, None)
    return show_chosen(door, score) if is_score and score is not None else show(door)


def _keep(door: Door, act: Act, score: int | None) -> None:
    asked = door.asked
    new = NewAct(
        act=act,
        survey=asked.paper.survey,
        version=asked.paper.version,
        session="",
        channel=asked.channel,
        received_at=now(),
        invitation=asked.invitation,
        score=score,
    )
    keep([new])


def _change(door: Door) -> str:
    """Return where an answer may be changed; nowhere if nobody knows which it is."""
    is_anonymous = door.asked.paper.promise == "anonymous"
    return "" if is_anonymous else f"{door.address}?change=1&lang={door.sheet.language}"
