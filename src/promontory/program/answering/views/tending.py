"""The page of the doors: what could not be settled, what machines gave, which kiosks stand."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.errors import BadInput
from promontory.program.answering.actions import tending as actions
from promontory.program.answering.queries import tending as queries
from promontory.program.answering.views.kiosk import exit_code
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer


@login_required
def doors(request: HttpRequest) -> HttpResponse:
    """Show what the doors need somebody for."""
    asking = viewer(request)
    stuck = queries.stuck(viewer=asking)
    quarantined = queries.quarantined(viewer=asking)
    said = []
    if stuck:
        said.append(f"{len(stuck)} could not be settled")
    if quarantined:
        said.append(f"{len(quarantined)} look like a machine's")
    context = {
        "sentence": f"Answers that wait for you: {' and '.join(said)}."
        if said
        else "Every answer that came in has been settled.",
        "stuck": stuck,
        "waiting": queries.waiting(viewer=asking),
        "quarantined": quarantined,
        "clicks": queries.clicks(viewer=asking, at=now()),
        "kiosks": [(each, exit_code(each.key)) for each in queries.kiosks(viewer=asking)],
        "may_decide": asking.may(Can.MANAGE_METHOD),
    }
    return render(request, "answering/doors.html", context)


@login_required
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Let an act be tried again, or decide who gave an answer."""
    asking, at = viewer(request), now()
    what, number = request.POST.get("what", ""), request.POST.get("number", "")
    if not number.isdecimal() or len(number) > 18:
        raise BadInput("Which answer is meant?")
    if what == "again":
        actions.try_again(int(number), by=asking, at=at)
        messages.success(request, "It is tried again.")
    elif what == "count":
        actions.let_count(int(number), by=asking, at=at)
        messages.success(request, f"Response {number} counts from now on.")
    elif what == "out":
        actions.keep_out(int(number), by=asking, at=at)
        messages.success(request, f"Response {number} stays out of the count.")
    else:
        raise BadInput("What shall be done with it?")
    return redirect("answering:doors")
