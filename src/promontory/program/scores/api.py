"""The REST API of scores: figures with base, interval, method and position, unrounded."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from promontory.program.organization.doors import answers, now, viewer
from promontory.program.scores.queries import overview as overviews
from promontory.program.scores.queries.figure import Figure
from promontory.program.scores.rules.view import read_view

router = Router(tags=["scores"])


class FigureOut(Schema):
    """A score; `standing` says whether it is sound, imprecise, incomplete, withheld or empty."""

    label: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    base: int | None
    effective_base: float | None
    level: float | None
    interval: str | None
    clusters: int | None
    method: str
    position: int
    standing: str
    reason: str


class ScoreOut(Schema):
    """The headline of a survey; `view` is the query that gives the same figure again."""

    survey: str
    period: str | None
    headline: FigureOut | None
    course: list[FigureOut]
    sentence: str
    view: str


def out(figure: Figure) -> FigureOut:
    """Return a figure as the API gives it."""
    return FigureOut.model_validate(figure.to_dict())


@router.get("/scores", response=answers(ScoreOut), summary="Where a score stands")
def scores(request: HttpRequest) -> ScoreOut:
    """Return the headline and its course; parameters as in the address of the overview."""
    view = read_view(request.GET)
    found = overviews.overview(
        viewer(request), view, at=now(), auto_grain="grain" not in request.GET
    )
    return ScoreOut(
        survey=found.source.survey.key,
        period=found.period.text if found.period else None,
        headline=out(found.headline) if found.headline else None,
        course=[out(point.figure) for point in found.course.points],
        sentence=found.sentence,
        view=found.view.query,
    )
