"""Where a score stands, what changed and whether it is real, and how we know."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from promontory.measurement import Estimate
from promontory.program.organization.doors import (
    answers,
    etag,
    not_modified,
    now,
    tagged,
    viewer,
)
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.queries.suppression import asked_so_far
from promontory.program.scores.api import shapes
from promontory.program.scores.api.asking import (
    ASKED_OF_ALL,
    ASKED_OF_ONE,
    auto_grain,
    tag_of,
    view_of,
)
from promontory.program.scores.queries.explore import explore
from promontory.program.scores.queries.held_back import HeldBack
from promontory.program.scores.queries.overview import Comparison, overview
from promontory.program.scores.queries.proof import proof
from promontory.program.scores.queries.source import open_source

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


class HeldBackOut(Schema):
    """Who was held back from being asked in the period, and how far that could move the score.

    Shares are of those eligible, 0 to 1; null where no sample was drawn. `worst` and `best` assume
    that they would have answered as often; `plausible` that they stand no higher than the others,
    and lower by one standard deviation at most.
    """

    share: float | None
    share_bad_moments: float | None
    held: dict[str, int] = Field(examples=[{"held_rest": 90, "held_hold": 30}])
    eligible: int
    waves: int
    worst: float | None
    best: float | None
    plausible: float | None
    sentence: str


class WeightedOut(Schema):
    """The score weighted by how likely each customer was to be drawn; the raw one is the figure."""

    value: float | None
    low: float | None
    high: float | None
    base: int
    effective_base: float
    level: float


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
    held_back: HeldBackOut | None = Field(description="Null for who sees single units only.")
    weighted: WeightedOut | None = Field(description="Null where all were equally likely.")
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


def _held_back(found: HeldBack | None) -> HeldBackOut | None:
    if found is None:
        return None
    shares, limits = found.suppression, found.bounds
    return HeldBackOut(
        share=shares.share_held,
        share_bad_moments=shares.share,
        held={Disposition(code).name.lower(): n for code, n in sorted(shares.held.items())},
        eligible=shares.eligible,
        waves=shares.waves,
        worst=limits.worst if limits else None,
        best=limits.best if limits else None,
        plausible=limits.plausible if limits else None,
        sentence=found.sentence,
    )


def _weighted(found: Estimate | None) -> WeightedOut | None:
    return None if found is None else WeightedOut.model_validate(found.to_dict())


@router.get(
    "/scores",
    response=answers(ScoreOut),
    summary="Where a score stands",
    openapi_extra=ASKED_OF_ALL,
)
def get_score(request: HttpRequest, response: HttpResponse) -> ScoreOut | HttpResponse:
    """Return the headline, its course, and what changed by more than chance."""
    asking, view = viewer(request), view_of(request)
    source = open_source(asking, view, at=now())
    # What was asked goes beside the score, and changes without an answer.
    tag = etag(tag_of(source, request, asking), asked_so_far(source.survey))
    if same := not_modified(request, tag):
        return same
    found = overview(asking, view, at=now(), auto_grain=auto_grain(request))
    source, moves = found.source, found.moves
    since = found.previous.period.label if found.previous else ""
    tagged(response, tag)
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
        held_back=_held_back(found.held),
        weighted=_weighted(found.weighted),
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
