"""The pages of responses: the list with its filters, and one response with its history."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from promontory.errors import BadInput
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.doors import now, viewer
from promontory.program.responses import actions, queries
from promontory.program.responses.forms.searching import SearchForm
from promontory.program.responses.queries.looking import looks
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import CHANNEL_LABELS

_EXCLUDED = {
    "TEST": "it was a test",
    "EMPLOYEE": "an employee gave it",
    "DUPLICATE": "it is a duplicate",
    "SCANNER": "a mail scanner clicked it",
    "STRAIGHT_LINE": "every question has the same answer",
    "STAFF_ENTERED": "staff entered it",
    "MANUAL": "somebody took it out by hand",
    "NOT_A_CUSTOMER": "it is not from a customer",
    "OUTSIDE_POPULATION": "it lies outside the population asked",
}
_GROUPS = {"promoter": "A promoter", "passive": "A passive", "detractor": "A detractor"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that narrows the list, and the address without it."""

    words: str
    without: str


@login_required
def responses(request: HttpRequest) -> HttpResponse:
    """Show the responses that fit the filters of the address, newest first."""
    asking = viewer(request)
    asking.must(Can.SEE_ANSWERS)
    own = organization.organization()
    zone = own.zone if own else "UTC"
    form = SearchForm(request.GET, surveys=surveys.surveys(viewer=asking), zone=zone)
    form.is_valid()
    cursor = request.GET.get("after", "")
    try:
        page = queries.search(form.filters(), viewer=asking, cursor=cursor)
    except BadInput:
        cursor, page = "", queries.search(form.filters(), viewer=asking)
    chips = [Chip(said, _address(request, without=name)) for name, said in form.chips()]
    context = {
        "form": form,
        "page": page,
        "chips": chips,
        "zone": zone,
        "next": _address(request, after=page.next) if page.next else "",
        "newest": _address(request) if cursor else "",
        "may_import": asking.may(Can.IMPORT),
        "is_narrow": not asking.may(Can.SEE_CONFIDENTIAL),
        "anonymous": _about_anonymous(form.filters(), asking),
        "is_empty": not page.rows and not chips and not queries.visible(asking).exists(),
    }
    return render(request, "responses/responses.html", context)


def _about_anonymous(wanted: queries.Filters, asking: Viewer) -> str:
    """Say why anonymous answers are missing from a list, if there are any that could be read."""
    hidden = queries.visible(asking).filter(survey__promise="anonymous")
    if wanted.survey is not None:
        hidden = hidden.filter(survey=wanted.survey)
    if queries.lists_anonymous(wanted) or not hidden.exists():
        return ""
    if wanted.survey is None:
        return (
            "What was said anonymously is not in this list, where its neighbours would tell "
            "its day: choose its survey to read it."
        )
    return (
        "What was said anonymously can be searched by its words alone: "
        "any other filter would tell more about who said it."
    )


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one response as far as promise and role allow, and remember who looked."""
    asking = viewer(request)
    found = actions.open_response(pk, by=asking, at=now())
    own = organization.organization()
    who = organization.names({line.by for line in found.history})
    score = next((answer for answer in found.answers if answer.metric == "nps"), None)
    if score is not None:
        sentence = f"{_GROUPS[found.group]}: {score.value} of 10"
    elif found.promise == "anonymous":
        sentence = "The words of an anonymous answer; what it scored counts in groups only"
    else:
        sentence = "A response without a recommendation score"
    context = {
        "found": found,
        "sentence": f"{sentence}.",
        "zone": own.zone if own else "UTC",
        "channel": CHANNEL_LABELS.get(found.channel, found.channel),
        "history": [(line, who[line.by]) for line in found.history],
        "excluded": [_EXCLUDED.get(name, name) for name in found.exclusions],
        "looks": looks(pk, viewer=asking),
        "may_import": asking.may(Can.IMPORT),
        "may_see_people": asking.may(Can.SEE_PEOPLE),
    }
    return render(request, "responses/response.html", context)


def _address(request: HttpRequest, *, without: str = "", after: str = "") -> str:
    """Return the address of this list from its beginning (or after a row), a filter less."""
    asked = request.GET.copy()
    for name in ("after", without):
        asked.pop(name, None)
    for name in [name for name, value in asked.items() if not value]:
        del asked[name]
    if after:
        asked["after"] = after
    return f"?{asked.urlencode()}" if asked else request.path
