"""Any slice of a score: cells with tiers, two periods or two segments against each other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from promontory.program.organization.doors import answers, not_modified, now, tagged, viewer
from promontory.program.scores.api import shapes
from promontory.program.scores.api.asking import ASKED, auto_grain, tag_before, tag_of, view_of
from promontory.program.scores.queries import explore as exploring
from promontory.program.scores.words import explored as sentence_of

router = Router(tags=["scores"])


class CellOut(Schema):
    """A group; `tier` is 1 above the others, 2 among them, 3 below; null where none is due."""

    codes: list[int]
    labels: list[str]
    figure: shapes.FigureOut
    tier: int | None
    before: shapes.FigureOut | None
    difference: shapes.DifferenceOut | None


class SidesOut(Schema):
    """Two figures against each other; no difference where one of them is withheld."""

    before: shapes.FigureOut
    after: shapes.FigureOut
    difference: shapes.DifferenceOut | None
    mix: shapes.MixOut | None


class ExplorationOut(Schema):
    """What a view shows. `rows` and `columns` are the margins of two attributes crossed."""

    survey: str
    metric: str
    period: str | None = Field(description="null is all time.")
    sentence: str
    by: list[str]
    total: shapes.FigureOut
    cells: list[CellOut]
    rows: list[CellOut]
    columns: list[CellOut]
    withheld: int = Field(description="How many cells are withheld.")
    left_out: int = Field(description="How many of the smallest groups are beyond what is given.")
    compared: SidesOut | None
    course: shapes.CourseOut
    view: str


def _cell(cell: exploring.Cell) -> CellOut:
    return CellOut(
        codes=list(cell.key),
        labels=list(cell.labels),
        figure=shapes.figure(cell.figure),
        tier=cell.tier,
        before=shapes.figure(cell.before) if cell.before else None,
        difference=shapes.maybe(cell.difference),
    )


def _sides(found: exploring.Sides | None) -> SidesOut | None:
    if found is None:
        return None
    return SidesOut(
        before=shapes.figure(found.before),
        after=shapes.figure(found.after),
        difference=shapes.maybe(found.difference, found.before.label),
        mix=shapes.mix(found.attribute, found.explanation, found.before.label),
    )


@router.get(
    "/explore",
    response=answers(ExplorationOut),
    summary="Any slice of a score",
    openapi_extra=ASKED,
)
def get_exploration(request: HttpRequest, response: HttpResponse) -> ExplorationOut | HttpResponse:
    """Return the cells of a view with totals, tiers, course and comparison."""
    asking, view = viewer(request), view_of(request)
    if same := not_modified(request, tag_before(request, asking, view)):
        return same
    found = exploring.explore(asking, view, at=now(), auto_grain=auto_grain(request))
    source = found.source
    tagged(response, tag_of(source, request, asking))
    return ExplorationOut(
        survey=source.survey.key,
        metric=source.metric.key,
        period=found.period.text if found.period else None,
        sentence=sentence_of(found),
        by=list(found.view.by),
        total=shapes.figure(found.total),
        cells=[_cell(cell) for cell in found.cells],
        rows=[_cell(cell) for cell in found.rows],
        columns=[_cell(cell) for cell in found.columns],
        withheld=found.hidden,
        left_out=found.left_out,
        compared=_sides(found.compared),
        course=shapes.course(found.course),
        view=found.view.but(at=source.position, method=source.method.number).query,
    )
