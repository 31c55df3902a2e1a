"""The overview: where the score stands, what changed and whether it is real, and where to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from promontory.measurement import Difference, Estimate, Tally
from promontory.program.organization.access import Viewer
from promontory.program.scores.queries.counts import change
from promontory.program.scores.queries.course import Course, Point, course, grain_that_holds
from promontory.program.scores.queries.figure import Figure
from promontory.program.scores.queries.gated import curtain
from promontory.program.scores.queries.held_back import HeldBack, held_back
from promontory.program.scores.queries.moves import Moves, moves
from promontory.program.scores.queries.source import Source, open_source
from promontory.program.scores.queries.weighted import weighted
from promontory.program.scores.rules.periods import Period
from promontory.program.scores.rules.view import View


@dataclass(frozen=True, slots=True)
class Comparison:
    """The headline against another period: both figures, and the difference where both show."""

    label: str
    before: Figure
    period: Period
    difference: Difference | None

    @property
    def sentence(self) -> str:
        """What changed since then; "" where the difference may not be shown."""
        return self.difference.sentence("then") if self.difference else ""


@dataclass(frozen=True, eq=False)
class Overview:
    """Everything on the overview page; `headline` is None while nothing has been answered.

    `held` is who was held back from being asked in the period, `weighted` the score by how likely
    each was to be drawn, where that differed. Both stand beside the headline and never in it.
    """

    source: Source
    view: View
    course: Course
    headline: Figure | None
    period: Period | None
    tally: Tally | None
    previous: Comparison | None
    year_before: Comparison | None
    moves: Moves | None
    sentence: str
    held: HeldBack | None = None
    weighted: Estimate | None = None


def overview(viewer: Viewer, view: View, *, at: datetime, auto_grain: bool = False) -> Overview:
    """Return the overview of a survey; `auto_grain` chooses months, quarters or years by itself."""
    source = open_source(viewer, view, at=at)
    if auto_grain:
        view = view.but(grain=grain_that_holds(source))
    view = view.but(survey=source.survey.key)
    total = curtain(source)
    line = course(source, view.grain, total)
    asked = line.at(view.period) if view.period else None
    point = asked or line.latest_complete or (line.points[-1] if line.points else None)
    if point is None:
        words = "Nobody has answered yet."
        return Overview(source, view, line, None, None, None, None, None, None, words)
    view = view.but(period=point.period)
    previous = _compared(line, point, point.period.before(), "the period before")
    year = _compared(line, point, point.period.year_before(), "a year earlier")
    shown = not point.figure.withheld
    moved = None
    if shown and previous is not None and previous.difference is not None:
        moved = moves(source, previous.period, point.period)
    tally = line.counts.tally(point.key) if shown else None
    return Overview(
        source,
        view,
        line,
        point.figure,
        point.period,
        tally,
        previous,
        year,
        moved,
        _sentence(point, previous, year),
        held_back(source, point.period, tally),
        weighted(source, point.period) if shown else None,
    )


def _compared(line: Course, point: Point, period: Period, label: str) -> Comparison | None:
    other = line.at(period)
    if other is None or other.figure.standing == "empty":
        return None
    both = not other.figure.withheld and not point.figure.withheld
    found = change(line.counts, other.key, line.counts, point.key) if both else None
    return Comparison(label, other.figure, period, found)


def _sentence(point: Point, previous: Comparison | None, year: Comparison | None) -> str:
    """Say in one breath what changed since the period before and since last year."""
    if point.figure.withheld:
        return f"The score of {point.period.label} is withheld."
    known = [one for one in (previous, year) if one is not None and one.difference is not None]
    if not known:
        return f"{point.period.label.capitalize()} is the first period: nothing to compare yet."
    first = known[0]
    assert first.difference is not None
    words = first.difference.sentence(first.period.label)
    if len(known) == 2 and known[1].difference is not None:
        other = known[1].difference
        if other.significant and other.value is not None:
            way = "up" if other.value > 0 else "down"
            words += (
                f" Against {known[1].period.label}: {way} {abs(other.value):.1f}, more than chance."
            )
        else:
            words += f" Against {known[1].period.label}: no detectable change."
    return words
