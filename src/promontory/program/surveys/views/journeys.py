"""Putting touchpoints into journeys; the map with its scores is drawn by those who count."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from promontory.errors import Refusal
from promontory.program.organization.access import Can
from promontory.program.organization.doors import viewer
from promontory.program.surveys import actions, queries


@login_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Do one thing to the journeys, as the button of the map says, and go back to the map."""
    asking, at, said = viewer(request), timezone.now(), request.POST
    asking.must(Can.MANAGE_SURVEYS)
    what, _, which = said.get("do", "").partition(":")
    number = int(which) if which.isdecimal() else 0
    try:
        if what == "journey":
            actions.create_journey(name=said.get("name", ""), by=asking, at=at)
        elif what == "add":
            actions.add_touchpoint(
                queries.journey(number, viewer=asking),
                name=said.get("name", ""),
                key=said.get("key", ""),
                by=asking,
                at=at,
            )
        else:
            touchpoint = queries.touchpoint(number, viewer=asking)
            if what == "rename":
                actions.rename_touchpoint(touchpoint, name=said.get("name", ""), by=asking, at=at)
            elif what in {"earlier", "later"}:
                actions.move_touchpoint(touchpoint, earlier=what == "earlier", by=asking, at=at)
            elif what == "remove":
                actions.remove_touchpoint(touchpoint, by=asking, at=at)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("/journeys")
