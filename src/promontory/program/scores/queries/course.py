"""The course of a score: each period with its figure, and the level underneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promontory.measurement import Estimate, series
from promontory.measurement.series import Trend
from promontory.program.scores.queries.counts import Counts, Key
from promontory.program.scores.queries.figure import Figure, figure, withheld
from promontory.program.scores.queries.gated import Curtain
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.periods import (
    Grain,
    Period,
    period_of,
    period_of_key,
    run_of,
)

SEASONS = {"week": 52, "month": 12, "quarter": 4}
LONGEST = {"week": 78, "month": 36, "quarter": 24, "year": 20}


@dataclass(frozen=True, eq=False)
class Point:
    """One period of the course."""

    period: Period
    key: Key
    figure: Figure


@dataclass(frozen=True, eq=False)
class Course:
    """The periods, oldest first, with the counts they were made of."""

    grain: Grain
    counts: Counts
    points: tuple[Point, ...]
    trend: Trend | None

    def at(self, period: Period) -> Point | None:
        return next((point for point in self.points if point.period == period), None)

    @property
    def latest_complete(self) -> Point | None:
        """The newest period that has ended and has answers."""
        ended = [p for p in self.points if p.figure.standing in ("sound", "imprecise", "withheld")]
        return ended[-1] if ended else None


def course(
    source: Source,
    grain: Grain,
    curtain: Curtain,
    filters: Sequence[tuple[str, tuple[int, ...]]] = (),
) -> Course:
    """Return the score by week, month, quarter or year, as far back as can be drawn."""
    counts = source.count((grain,), source.where(None, filters))
    if not counts.keys:
        return Course(grain, counts, (), None)
    keyed = {period_of_key(grain, key[0]): key for key in counts.keys}
    run = run_of(min(keyed), max(keyed))[-LONGEST[grain] :]
    keys = [keyed.get(period, (period.first - 10**7,)) for period in run]
    cell = {key: codes[0] for key, codes in filters if len(codes) == 1}
    points = tuple(
        Point(period, key, _figure(source, curtain, cell, period, estimate))
        for period, key, estimate in zip(run, keys, counts.estimates(keys), strict=True)
    )
    return Course(grain, counts, points, _trend(source, counts, points))


def _figure(
    source: Source, curtain: Curtain, cell: dict[str, int], period: Period, estimate: Estimate
) -> Figure:
    method, position = source.method, source.position
    if not curtain.shows(period, cell):
        return withheld(period.label, source.metric, method, position, source.sight.reason)
    incomplete = ""
    if not period.complete(source.today):
        left = period.last - source.today + 1
        days = "1 day" if left == 1 else f"{left} days"
        incomplete = f"{period.label.capitalize()} has {days} left."
    return figure(period.label, estimate, method, position, incomplete=incomplete)


def _trend(source: Source, counts: Counts, points: Sequence[Point]) -> Trend | None:
    """The level under the shown periods; a withheld one is a gap in it."""
    worth = counts.worth([point.key for point in points])
    return series.trend(
        [
            series.Period(
                point.period.label[:1].upper() + point.period.label[1:],
                worth[point.key]
                if not point.figure.withheld
                else worth[point.key] - worth[point.key],
                point.period.complete(source.today),
            )
            for point in points
        ],
        source.metric,
        level=float(source.method.level),
        season=SEASONS.get(points[0].period.grain or ""),
    )


def grain_that_holds(source: Source) -> Grain:
    """Return the finest grain whose newest ended period has the method's minimum base."""
    by_month = source.count(("month",))
    grains: tuple[Grain, ...] = ("month", "quarter", "year")
    for grain in grains:
        bases: dict[Period, int] = {}
        for key in by_month.keys:
            period = period_of(grain, period_of_key("month", key[0]).first)
            bases[period] = bases.get(period, 0) + by_month.base(key)
        ended = [period for period in sorted(bases) if period.complete(source.today)]
        if ended and bases[ended[-1]] >= source.method.minimum_base:
            return grain
    return "month"
