"""The shapes in which figures, differences and explanations leave the API, unrounded."""

from __future__ import annotations

from collections.abc import Sequence

from ninja import Field, Schema

from promontory.measurement import Difference, Effect, Explanation, Tally, share
from promontory.measurement.metrics import Metric
from promontory.program.scores.queries.course import Course
from promontory.program.scores.queries.figure import Figure


class FigureOut(Schema):
    """A score; `standing` says whether it is sound, imprecise, incomplete, withheld or empty."""

    label: str
    metric: str
    value: float | None = Field(examples=[31.25])
    low: float | None
    high: float | None
    base: int | None = Field(description="Answers counted; null where that may not be said.")
    effective_base: float | None
    level: float | None
    interval: str | None
    clusters: int | None
    method: str
    position: int = Field(description="The as-of position of the ledger.")
    standing: str
    reason: str


class PointOut(Schema):
    """One period of the course, and the level underneath with its band."""

    period: str
    figure: FigureOut
    level: float | None
    level_low: float | None
    level_high: float | None


class CourseOut(Schema):
    """A score over time, oldest period first."""

    grain: str
    points: list[PointOut]
    notes: list[str]


class DifferenceOut(Schema):
    """A change with its interval; `significant` says that it is more than chance."""

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    significant: bool
    smallest_detectable: float | None
    base_before: int
    base_after: int
    level: float
    method: str
    sentence: str


class EffectOut(Schema):
    """A part of a change, in points, with its interval."""

    value: float
    low: float
    high: float
    significant: bool


class SegmentOut(Schema):
    """What one segment did between two periods; shares lie between 0 and 1."""

    name: str
    share_before: float
    share_after: float
    score_before: float | None
    score_after: float | None
    base_before: int
    base_after: int
    within: EffectOut
    mix: EffectOut


class MixOut(Schema):
    """A change taken apart by an attribute: within + mix = the change."""

    attribute: str
    within: EffectOut
    mix: EffectOut
    segments: list[SegmentOut]
    paradox: str | None
    sentence: str


class ShareOut(Schema):
    """How many gave some answers, and their percentage of all with its interval."""

    name: str
    answers: list[int]
    count: int
    value: float | None
    low: float | None
    high: float | None


class DistributionOut(Schema):
    """How the answers are spread, by answer and by group."""

    base: int
    answers: list[ShareOut]
    groups: list[ShareOut]


def figure(one: Figure) -> FigureOut:
    return FigureOut.model_validate(one.to_dict())


def course(found: Course) -> CourseOut:
    levels = found.trend.points if found.trend else (None,) * len(found.points)
    points = [
        PointOut(
            period=point.period.text,
            figure=figure(point.figure),
            level=level.level if level else None,
            level_low=level.low if level else None,
            level_high=level.high if level else None,
        )
        for point, level in zip(found.points, levels, strict=True)
    ]
    notes = list(found.trend.notes) if found.trend else []
    return CourseOut(grain=found.grain, points=points, notes=notes)


def difference(found: Difference, since: str = "") -> DifferenceOut:
    return DifferenceOut.model_validate({**found.to_dict(), "sentence": found.sentence(since)})


def maybe(found: Difference | None, since: str = "") -> DifferenceOut | None:
    """Return a difference, or nothing where a side is withheld."""
    return None if found is None else difference(found, since)


def effect(found: Effect) -> EffectOut:
    return EffectOut(
        value=found.value, low=found.low, high=found.high, significant=found.significant
    )


def mix(attribute: str, found: Explanation | None, since: str = "") -> MixOut | None:
    if found is None:
        return None
    segments = [
        SegmentOut(
            name=segment.name,
            share_before=segment.share_before,
            share_after=segment.share_after,
            score_before=segment.score_before,
            score_after=segment.score_after,
            base_before=segment.base_before,
            base_after=segment.base_after,
            within=effect(segment.within),
            mix=effect(segment.mix),
        )
        for segment in found.segments
    ]
    return MixOut(
        attribute=attribute,
        within=effect(found.within),
        mix=effect(found.mix),
        segments=segments,
        paradox=found.paradox,
        sentence=found.sentence(since),
    )


def distribution(tally: Tally, metric: Metric) -> DistributionOut | None:
    if not tally.base:
        return None

    def part(name: str, answers: Sequence[int]) -> ShareOut:
        one = share(tally, answers, metric)
        count = sum(tally.n.get(answer, 0) for answer in answers)
        return ShareOut(
            name=name, answers=list(answers), count=count,
            value=one.value, low=one.low, high=one.high,
        )  # fmt: skip

    return DistributionOut(
        base=tally.base,
        answers=[part(str(answer), (answer,)) for answer in metric.answers],
        groups=[part(group.name, group.answers) for group in metric.groups],
    )
