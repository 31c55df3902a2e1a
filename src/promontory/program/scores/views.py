"""The pages of the scores: overview, explore, and what is downloaded from them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from promontory.program.organization.doors import now, viewer
from promontory.program.scores import pictures
from promontory.program.scores.queries import overview as overviews
from promontory.program.scores.rules.view import read_view
from promontory.program.surveys import queries as surveys


@login_required
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show where the score stands, what changed and whether it is real, and where to look."""
    asking = viewer(request)
    offered = list(surveys.surveys(viewer=asking))
    if not offered:
        return render(request, "scores/empty.html", {"title": "Overview"})
    view = read_view(request.GET)
    found = overviews.overview(asking, view, at=now(), auto_grain="grain" not in request.GET)
    metric = found.source.metric
    return render(
        request,
        "scores/overview.html",
        {
            "found": found,
            "surveys": offered,
            "trend": pictures.trend(found.course, metric),
            "spread": pictures.distribution(found.tally, metric) if found.tally else None,
        },
    )
