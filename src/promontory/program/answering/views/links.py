"""Open links and printed codes, `/s/<key>`: anybody may answer, from an unknown population."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from promontory.errors import NotAllowed, NotFound, TooMany
from promontory.program.answering.doors import flood, must_be_ours, network_of
from promontory.program.answering.queries.invitations import Asked, by_link
from promontory.program.answering.views.flow import (
    Door,
    say,
    say_plainly,
    sheet_for,
    show,
    take,
    words_of,
)
from promontory.program.organization.doors import now

A_MINUTE = 60
"""So many pages a minute are taken from one network for one link; other networks do not wait."""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def opened(request: HttpRequest, key: str) -> HttpResponse:
    """Ask whoever comes by an open link, and take their answer."""
    at = now()
    try:
        asked = by_link(key, at=at)
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    door = door_of(asked, key, request)
    if asked.shut:
        return say(door, f"page.{asked.shut}", status=410)
    if request.method != "POST":
        return show(door)
    if request.POST.get("website"):  # a field that people do not see
        return say(door, "page.error.send", status=422)
    try:
        must_be_ours(request)
        who = f"link:{asked.link}:{network_of(request)}"
        flood.take(who, a_minute=A_MINUTE, burst=A_MINUTE, at=at)
    except NotAllowed:
        return say(door, "page.error.send", status=403)
    except TooMany as error:
        response = say(door, "page.error.send", status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    return take(request, door, at=at)


def thanks(request: HttpRequest, key: str) -> HttpResponse:
    """Thank whoever answered."""
    try:
        asked = by_link(key, at=now())
    except NotFound:
        return say_plainly("page.not_found", request, status=404)
    return say(door_of(asked, key, request), "page.thanks", "page.thanks_detail")


def door_of(asked: Asked, key: str, request: HttpRequest) -> Door:
    """Return the door of an open link."""
    return Door(
        asked=asked,
        address=reverse("answering:opened", args=[key]),
        sheet=sheet_for(asked, request, words_of(asked.paper)),
        thanks=reverse("answering:opened-thanks", args=[key]),
        trap=True,
    )
