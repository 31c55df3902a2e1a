"""The pages of follow-up: my cases, one case, and the mailed link “I called”."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from promontory.errors import NotFound
from promontory.program.followup import actions, queries, rules
from promontory.program.followup.forms import NoteForm
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.responses import actions as responses

PAGE = 50
_PERSON = re.compile(r"\d{1,18}")


@login_required
def cases(request: HttpRequest) -> HttpResponse:
    asking, at = viewer(request), now()
    asking.must(Can.FOLLOW_UP)
    state = request.GET.get("state", "open")
    state = state if state in {"open", "called"} else "open"
    mine = request.GET.get("whose", "mine") == "mine"
    found = queries.cases(viewer=asking, state=state, mine=mine)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(case, rules.waited((at - case.opened_at).total_seconds())) for case in page]
    context = {
        "page": page,
        "rows": rows,
        "state": state,
        "whose": "mine" if mine else "all",
        "mine_open": queries.cases(viewer=asking, mine=True).count(),
        "all_open": queries.cases(viewer=asking).count(),
        "is_new": not queries.cases(viewer=asking, state="all").exists(),
    }
    return render(request, "followup/cases.html", context)


@login_required
def case(request: HttpRequest, number: int) -> HttpResponse:
    asking, at = viewer(request), now()
    found = queries.case(number, viewer=asking)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        if request.POST.get("do") == "called":
            actions.record_call(found, note=note, by=asking, at=at)
            messages.success(request, "Kept: you called.")
        elif request.POST.get("do") == "give" and _PERSON.fullmatch(request.POST.get("to", "")):
            actions.give_case(found, to=int(request.POST["to"]), by=asking, at=at)
            messages.success(request, "Handed over; they are told.")
        else:
            actions.add_note(found, text=note, by=asking, at=at)
        return redirect("followup:case", number=number)
    notes = queries.notes(found)
    names = organization.names({note.by for note in notes} | {found.called_by} - {""})
    context = {
        "case": found,
        "shown": responses.open_response(found.response_id, by=asking, at=at),
        "notes": [(note, names.get(note.by, note.by)) for note in notes],
        "called_by": names.get(found.called_by, found.called_by),
        "waited": rules.waited(((found.called_at or at) - found.opened_at).total_seconds()),
        "people": organization.people_who(Can.FOLLOW_UP),
        "form": form,
    }
    return render(request, "followup/case.html", context)


# No session stands behind a mailed link: the token in it is the proof, and only a POST counts, so
# that a mail scanner that opens every link calls nobody.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def called(request: HttpRequest, token: str) -> HttpResponse:
    found = queries.case_of(token)
    if found is None or found.owner is None or not found.owner.is_active:
        raise NotFound("This link does not lead to a case.", remedy="Sign in and see your cases.")
    at = now()
    if not rules.link_is_good(found.opened_at, at):
        context = {"case": found, "days": rules.LINK_DAYS}
        return _unkept(render(request, "followup/expired.html", context, status=410))
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        owner = organization.viewer_of(found.owner)
        actions.record_call(found, note=form.cleaned_data["note"], by=owner, at=at)
        found = queries.case_of(token)
    context = {"case": found, "form": form}
    return _unkept(render(request, "followup/called.html", context))


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
