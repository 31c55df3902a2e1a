"""Pictures: the charts of this context's pages, made from what its queries found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from promontory import charts
from promontory.charts import Chart
from promontory.charts.distribution import GroupKey
from promontory.measurement import Difference, Effect, Explanation, Tally, share
from promontory.measurement.metrics import Metric
from promontory.program.scores.queries.course import Course
from promontory.program.scores.queries.explore import Exploration
from promontory.program.scores.queries.figure import Figure, scale_of

SIDES: tuple[GroupKey, ...] = ("detractor", "passive", "promoter")
MOST_STEPS = 8


def trend(course: Course, metric: Metric) -> Chart:
    """Return the course as a picture."""
    periods = [
        charts.Period(
            point.period.since,
            point.period.until + timedelta(days=1),
            capital(point.period.label),
            point.figure.drawn,
        )
        for point in course.points
    ]
    band = [
        None
        if point.level is None or point.low is None or point.high is None
        else charts.Band(point.level, point.low, point.high)
        for point in (course.trend.points if course.trend else ())
    ]
    return charts.trend(periods, band=band, scale=scale_of(metric), title="Over time")


def distribution(tally: Tally, metric: Metric) -> Chart:
    """Return how a tally's answers are spread; two or three groups are told apart."""

    def part(answers: Sequence[int]) -> tuple[int, charts.Figure]:
        count = sum(tally.n.get(answer, 0) for answer in answers)
        return count, charts.Figure.of(share(tally, answers, metric), scale=charts.PERCENT)

    bars = [charts.Bar(answer, *part((answer,))) for answer in metric.answers]
    sides = SIDES if len(metric.groups) == 3 else ("detractor", "promoter")
    groups = [
        charts.Group(
            side, group.name, min(group.answers), max(group.answers),
            *part(group.answers),
        )
        for side, group in zip(sides, metric.groups, strict=True)
    ]  # fmt: skip
    return charts.distribution(bars, groups)


def change_figure(difference: Difference | None, reason: str = "") -> charts.Figure:
    """Return a difference as a figure."""
    if difference is None:
        return charts.Figure.withheld(reason or "One side is withheld.", scale=charts.DIFFERENCE)
    base = difference.base_before + difference.base_after
    return charts.Figure(
        difference.value, difference.low, difference.high, base, scale=charts.DIFFERENCE
    )


def compared(before: Figure, after: Figure, difference: Difference | None) -> Chart:
    """Return two figures and their difference on one ruler."""
    return charts.comparison(
        before.drawn,
        after.drawn,
        change_figure(difference),
        first_label=capital(before.label),
        second_label=capital(after.label),
        scale=scale_of(before.metric),
    )


def mix_shift(before: Figure, after: Figure, explanation: Explanation, attribute: str) -> Chart:
    """Return what moved the score from one figure to the other, segment by segment."""

    def effect(one: Effect) -> charts.Figure:
        return charts.Figure(one.value, one.low, one.high, 1, scale=charts.DIFFERENCE)

    ranked = sorted(explanation.segments, key=lambda s: -abs(s.within.value))
    steps = [charts.Step(s.name, "within", effect(s.within)) for s in ranked[:MOST_STEPS]]
    rest = ranked[MOST_STEPS:]
    if rest:
        steps.append(charts.Step(f"{len(rest)} others", "within", _sum([s.within for s in rest])))
    steps.append(charts.Step(attribute, "mix", effect(explanation.mix)))
    return charts.mix_shift(
        before.drawn,
        steps,
        after.drawn,
        before_label=capital(before.label),
        after_label=capital(after.label),
        scale=scale_of(before.metric),
        title=f"What moved the score, by {attribute.lower()}",
    )


def capital(label: str) -> str:
    """Return a label as it stands alone."""
    return label[:1].upper() + label[1:]


def _sum(effects: Sequence[Effect]) -> charts.Figure:
    """Return the sum of effects; their errors are taken for independent."""
    value = sum(e.value for e in effects)
    half = sum(((e.high - e.low) / 2) ** 2 for e in effects) ** 0.5
    return charts.Figure(value, value - half, value + half, 1, scale=charts.DIFFERENCE)


def segments(found: Exploration) -> Chart:
    """Return the cells of one attribute in their tiers, beside the total."""
    [key] = found.view.by
    label = found.source.slices[key].label
    placed = {cell.tier for cell in found.cells}
    draw = charts.tiers if placed & {1, 3} else charts.intervals
    return draw(
        [charts.Segment(cell.labels[0], cell.figure.drawn, cell.tier) for cell in found.cells],
        total=found.total.drawn,
        scale=scale_of(found.source.metric),
        title=f"By {label.lower()}",
    )
