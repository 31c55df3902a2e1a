"""The journey map."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.scores.queries.journeys import elsewhere, journey_map


@login_required
def journeys(request: HttpRequest) -> HttpResponse:
    """Show the touchpoints in order, with the score and the volume at each, and the gaps."""
    asking = viewer(request)
    ways = journey_map(asking, at=now())
    gaps = sum(way.gaps for way in ways)
    stops = sum(len(way.stops) for way in ways)
    if not stops:
        sentence = "Put the moments of your customers in order, and see which nobody asks about."
    elif gaps:
        sentence = f"Nobody asks at {gaps} of {stops} touchpoint{'s' if stops > 1 else ''}."
    else:
        sentence = "Every touchpoint is asked after."
    context = {
        "ways": ways,
        "elsewhere": elsewhere(asking),
        "sentence": sentence,
        "may_manage": asking.may(Can.MANAGE_SURVEYS),
    }
    return render(request, "scores/journeys.html", context)
