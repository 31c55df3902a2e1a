"""Choosing by what ways to be asked, and leaving with one click (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from promontory.errors import NotAllowed, NotFound, TooMany
from promontory.program.answering.actions import choosing
from promontory.program.answering.doors import flood, must_be_ours, network_of, page
from promontory.program.answering.queries.contacts import Chooser, chooser
from promontory.program.answering.rules.looks import Sheet
from promontory.program.answering.views.flow import say_plainly, texts
from promontory.program.customers.codes import Way
from promontory.program.organization.doors import now

_WAYS = {"email": Way.EMAIL, "sms": Way.SMS, "phone": Way.VOICE, "in_app": Way.IN_APP}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to be asked, and whether it is open."""

    name: str
    text: str
    is_open: bool


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show by what ways this customer may be asked, and take their choice."""
    at = now()
    try:
        who = _who(request, token)
        if request.method == "POST":
            must_be_ours(request)
    except (NotFound, TooMany, NotAllowed) as error:
        return _refused(request, error)
    is_saved = request.method == "POST"
    open_ways = who.open_ways
    if is_saved:
        chosen = Way.NONE
        for name, way in _WAYS.items():
            if name in request.POST and "none" not in request.POST:
                chosen |= way
        contact = choosing.choose(
            who.invitation, chosen, language=_language(request, who), source="preferences", at=at
        )
        open_ways = Way.ALL & ~Way(contact.closed)
    choices = [
        Choice(name, who.sheet.say(f"preferences.{name}"), bool(way & open_ways))
        for name, way in _WAYS.items()
    ]
    context = _frame(who) | {
        "choices": choices,
        "is_saved": is_saved,
        "languages": who.languages if len(who.languages) > 1 else (),
    }
    return page("answering/preferences.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Leave with one POST, the mail program's too; a GET asks first, for machines follow links."""
    at = now()
    try:
        who = _who(request, token)
    except (NotFound, TooMany) as error:
        return _refused(request, error)
    address = reverse("answering:unsubscribe", args=[token])
    context = _frame(who) | {"address": address, "state": "asking", "undo": 0}
    if request.method == "POST":
        undo = str(request.POST.get("undo", ""))
        if undo.isascii() and undo.isdecimal() and len(undo) < 4:
            ways = Way(int(undo) & int(Way.ALL))
            choosing.come_back(who.invitation, ways, source="preferences", at=at)
            context["state"] = "undone"
        else:
            closed = choosing.leave(who.invitation, source="one_click", at=at)
            context |= {"state": "left", "undo": int(closed)}
    return page("answering/unsubscribe.html", context)


def _who(request: HttpRequest, token: str) -> Chooser:
    flood.take(f"token:{network_of(request)}", a_minute=600, burst=600, at=now())
    chosen = str(request.POST.get("in", ""))
    return chooser(token, chosen=chosen, accepted=request.headers.get("Accept-Language", ""))


def _language(request: HttpRequest, who: Chooser) -> str:
    offered = [each.language for each in who.languages]
    chosen = str(request.POST.get("in", ""))
    return chosen if chosen in offered else ""


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, NotFound):
        return say_plainly("page.not_found", request, status=404)
    status = error.status if isinstance(error, (TooMany, NotAllowed)) else 400
    return say_plainly("page.error.send", request, status=status)


def _frame(who: Chooser) -> dict[str, Any]:
    sheet: Sheet = who.sheet
    return {
        "sheet": sheet,
        "t": texts(sheet),
        "title": sheet.say("preferences.title"),
        "brand": sheet.say("page.sender", brand=who.brand) if who.brand else "",
        "confirm": sheet.say("preferences.confirm", brand=who.brand),
    }
