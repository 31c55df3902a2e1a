"""Where a score stands, what changed and whether it is real, and how we know."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from promontory.program.organization.doors import answers, not_modified, now, tagged, viewer
from promontory.program.scores.api import shapes
from promontory.program.scores.api.asking import (
    ASKED_OF_ALL,
    ASKED_OF_ONE,
    auto_grain,
    tag_before,
    tag_of,
    view_of,
)
from promontory.program.scores.queries.explore import explore
from promontory.program.scores.queries.overview import Comparison, overview
from promontory.program.scores.queries.proof import proof

router = Router(tags=["scores"])


class ComparedOut(Schema):
    """The headline against another period; no difference where one side is withheld."""

    period: str
    before: shapes.FigureOut
    difference: shapes.DifferenceOut | None


class MoveOut(Schema):
    """A segment that changed by more than chance, allowing for how many were looked at."""

    slice: str
    attribute: str
    code: int
    label: str
    difference: shapes.DifferenceOut


class ScoreOut(Schema):
    """A score with its course and what changed; `view` gives these very figures again later."""

    survey: str
    metric: str
    period: str | None = Field(examples=["2026-09"])
    sentence: str
    headline: shapes.FigureOut | None
    previous: ComparedOut | None
    year_before: ComparedOut | None
    distribution: shapes.DistributionOut | None
    course: shapes.CourseOut
    segments_compared: int
    moves: list[MoveOut]
    mixes: list[shapes.MixOut]
    view: str


class FactOut(Schema):
    """One thing behind a figure."""

    name: str
    value: str


class ProofOut(Schema):
    """How do you know? What a figure rests on, and what was left out of it, by reason."""

    figure: shapes.FigureOut
    facts: list[FactOut]
    excluded: list[FactOut]
    view: str


def _compared(found: Comparison | None) -> ComparedOut | None:
    if found is None:
        return None
    return ComparedOut(
        period=found.period.text,
        before=shapes.figure(found.before),
        difference=shapes.maybe(found.difference, found.period.label),
    )


@router.get(
    "/scores",
    response=answers(ScoreOut),
    summary="Where a score stands",
    openapi_extra=ASKED_OF_ALL,
)
def get_score(request: HttpRequest, response: HttpResponse) -> ScoreOut | HttpResponse:
    """Return the headline, its course, and what changed by more than chance."""
    asking, view = viewer(request), view_of(request)
    if same := not_modified(request, tag_before(request, asking, view)):
        return same
    found = overview(asking, view, at=now(), auto_grain=auto_grain(request))
    source, moves = found.source, found.moves
    since = found.previous.period.label if found.previous else ""
    tagged(response, tag_of(source, request, asking))
    return ScoreOut(
        survey=source.survey.key,
        metric=source.metric.key,
        period=found.period.text if found.period else None,
        sentence=found.sentence,
        headline=shapes.figure(found.headline) if found.headline else None,
        previous=_compared(found.previous),
        year_before=_compared(found.year_before),
        distribution=shapes.distribution(found.tally, source.metric) if found.tally else None,
        course=shapes.course(found.course),
        segments_compared=moves.compared if moves else 0,
        moves=[
            MoveOut(
                slice=move.slice,
                attribute=move.attribute,
                code=move.code,
                label=move.label,
                difference=shapes.difference(move.difference, since),
            )
            for move in (moves.found if moves else ())
        ],
        mixes=[
            mix
            for one in (moves.mixes if moves else ())
            if (mix := shapes.mix(one.attribute, one.explanation, since)) is not None
        ],
        view=found.view.but(at=source.position, method=source.method.number).query,
    )


@router.get(
    "/scores/proof",
    response=answers(ProofOut),
    summary="How do you know?",
    openapi_extra=ASKED_OF_ONE,
)
def get_proof(request: HttpRequest) -> ProofOut:
    """Return what the total of a view rests on: method, interval, exclusions, position, gate."""
    view = view_of(request).but(by=(), against="", segments=None)
    found = explore(viewer(request), view, at=now())
    shown = proof(found.source, found.view, found.total, found.period)
    pinned = found.view.but(at=found.source.position, method=found.source.method.number)
    return ProofOut(
        figure=shapes.figure(found.total),
        facts=[FactOut(name=name, value=value) for name, value in shown.facts],
        excluded=[FactOut(name=name, value=value) for name, value in shown.excluded],
        view=pinned.query,
    )
