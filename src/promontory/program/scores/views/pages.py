"""The pages of the scores: overview, explore, and what is downloaded from them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from promontory.charts import render as drawing
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.scores import downloads, exports, words
from promontory.program.scores.queries.choices import choices
from promontory.program.scores.queries.explore import explore
from promontory.program.scores.queries.overview import overview
from promontory.program.scores.queries.proof import proof
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.view import View, read_view
from promontory.program.scores.tables import changes_of, cross_of, moves_of
from promontory.program.surveys import queries as surveys

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_required
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show where the score stands, what changed and whether it is real, and where to look."""
    asking = viewer(request)
    if not surveys.surveys(viewer=asking).exists():
        return render(request, "scores/empty.html", {"title": "Overview"})
    view = read_view(request.GET)
    found = overview(asking, view, at=now(), auto_grain="grain" not in request.GET)
    context = {
        "found": found,
        "pictures": downloads.of_overview(found),
        "words": words.of_overview(found),
        "choices": choices(asking, found.source, found.view, found.course),
        "moves": moves_of(found),
        "may_import": asking.may(Can.IMPORT),
        **_links(found.source, found.view, "overview"),
    }
    return render(request, "scores/overview.html", context)


@login_required
def explore_page(request: HttpRequest) -> HttpResponse:
    """Show any slice of the score, its tiers, and what moved it between two periods."""
    asking = viewer(request)
    if not surveys.surveys(viewer=asking).exists():
        return render(request, "scores/empty.html", {"title": "Explore"})
    view = read_view(request.GET)
    found = explore(asking, view, at=now(), auto_grain="grain" not in request.GET)
    context = {
        "found": found,
        "pictures": downloads.of_exploration(found),
        "words": words.of_exploration(found),
        "choices": choices(asking, found.source, found.view, found.course),
        "sentence": words.explored(found),
        "segment_a": _segment(view, 0),
        "segment_b": _segment(view, 1),
        "cross": cross_of(found),
        "changes": changes_of(found),
        "may_export": asking.may(Can.EXPORT),
        "may_import": asking.may(Can.IMPORT),
        **_links(found.source, found.view, "explore"),
    }
    return render(request, "scores/explore.html", context)


def _segment(view: View, side: int) -> str:
    return "{}:{}".format(*view.segments[side]) if view.segments else ""


def _links(source: Source, view: View, page: str) -> dict[str, str]:
    """Return the page's addresses; the pinned ones give the same figures again later."""
    pinned = view.but(at=source.position, method=source.method.number).query
    return {
        "pinned": f"{reverse(f'scores:{page}')}?{pinned}",
        "query": pinned,
        "explain": f"{reverse('scores:how')}?{pinned}",
        "download": reverse("scores:overview") + f"pictures/{page}/",
        "explore": f"{reverse('scores:explore')}?{view.query}",
    }


@login_required
def how(request: HttpRequest) -> HttpResponse:
    """Answer “how do you know?” for a view's total: in the side panel, or as a page of its own."""
    view = read_view(request.GET).but(by=(), against="", segments=None)
    found = explore(viewer(request), view, at=now())
    context = {
        "proof": proof(found.source, found.view, found.total, found.period),
        "found": found,
        "back": f"{reverse('scores:explore')}?{view.query}",
    }
    page = "scores/how.html" if request.headers.get("HX-Request") else "scores/how_page.html"
    return render(request, page, context)


@login_required
def picture(request: HttpRequest, page: str, name: str, kind: str) -> HttpResponse:
    """Send one picture of a page's view as SVG, PNG or the CSV of its rows."""
    chart = downloads.picture(page, name, viewer(request), read_view(request.GET), at=now())
    if kind == "png":
        return _file(drawing.png(chart), f"{page}-{name}", kind)
    content = drawing.svg(chart) if kind == "svg" else drawing.csv(chart)
    return _file(content, f"{page}-{name}", kind)


@login_required
def cells(request: HttpRequest, kind: str) -> HttpResponse:
    """Send the cells of a view as CSV or XLSX, through the same gates as the page."""
    asking = viewer(request)
    asking.must(Can.EXPORT)
    found = explore(asking, read_view(request.GET), at=now())
    content = exports.as_csv(found) if kind == "csv" else exports.as_xlsx(found)
    return _file(content, f"scores-{found.source.survey.key}", kind)


def _file(content: str | bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
