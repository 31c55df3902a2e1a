"""Explore: any view's cells, each with its estimate or the reason why it is withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from promontory.errors import BadInput, Place
from promontory.measurement import Difference, Explanation, Tier, tiers
from promontory.program.organization.access import Viewer
from promontory.program.scores.queries.counts import Counts, Key, change, changes
from promontory.program.scores.queries.course import Course, course, grain_that_holds
from promontory.program.scores.queries.figure import Figure, figure, withheld
from promontory.program.scores.queries.gated import Curtain, curtain
from promontory.program.scores.queries.moves import between, explained
from promontory.program.scores.queries.source import Source, open_source
from promontory.program.scores.rules.periods import Period, read_period
from promontory.program.scores.rules.view import View

MOST_CELLS = 200
TIER_NUMBERS = {Tier.ABOVE: 1, Tier.AMONG: 2, Tier.BELOW: 3}


@dataclass(frozen=True, slots=True)
class Cell:
    """One group: its codes, its figure, its tier (1 above the others … 3 below), what changed."""

    key: Key
    labels: tuple[str, ...]
    figure: Figure
    tier: int | None = None
    before: Figure | None = None
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """Two figures set against each other; the difference only where both may be shown."""

    before: Figure
    after: Figure
    difference: Difference | None
    explanation: Explanation | None = None
    attribute: str = ""

    @property
    def sentence(self) -> str:
        """What changed since then; "" where the difference may not be shown."""
        return self.difference.sentence("then") if self.difference else ""


@dataclass(frozen=True, eq=False)
class Exploration:
    """What a view shows; `left_out` counts the smallest groups beyond what a page can hold."""

    source: Source
    view: View
    period: Period | None
    total: Figure
    cells: tuple[Cell, ...]
    rows: tuple[Cell, ...]
    columns: tuple[Cell, ...]
    course: Course
    compared: Sides | None
    left_out: int

    @property
    def period_label(self) -> str:
        return self.period.label if self.period else "all time"

    @property
    def hidden(self) -> int:
        """How many cells are withheld."""
        return sum(cell.figure.standing == "withheld" for cell in self.cells)


def explore(viewer: Viewer, view: View, *, at: datetime, auto_grain: bool = False) -> Exploration:
    """Return the cells of a view with totals, tiers, course and comparison."""
    source = open_source(viewer, view, at=at)
    _check(source, view)
    if auto_grain:
        view = view.but(grain=grain_that_holds(source))
    view = view.but(survey=source.survey.key)
    gate = curtain(source, view.dimensions)
    filters = {key: codes[0] for key, codes in view.where if len(codes) == 1}
    line = course(source, view.grain, gate, view.where)
    period = view.period
    if period is None and not view.everything:
        latest = line.latest_complete or (line.points[-1] if line.points else None)
        period = latest.period if latest else None
        view = view.but(period=period, everything=period is None)
    work = _Work(source, view, gate, period, filters)
    total = work.figure("All", work.count(()), (), {})
    cells, left_out = work.cells(view.by)
    compared = work.segments() if view.segments else work.periods(total)
    if compared is not None and compared.difference is not None and len(view.by) == 1:
        cells = work.changed(cells)
    return Exploration(
        source,
        view,
        period,
        total,
        tuple(work.placed(cells) if len(view.by) == 1 else cells),
        tuple(work.cells(view.by[:1])[0]) if len(view.by) == 2 else (),
        tuple(work.cells(view.by[1:])[0]) if len(view.by) == 2 else (),
        line,
        compared,
        left_out,
    )


def _check(source: Source, view: View) -> None:
    for key in view.dimensions:
        source.slices[key]
    if view.segments is not None:
        taken = {key for key, _ in view.where}
        if any(key in taken for key, _ in view.segments):
            raise BadInput(
                "A segment to compare cannot be a filter at the same time.",
                remedy="Take the filter away.",
                place=Place(field="a"),
            )


@dataclass(frozen=True, eq=False)
class _Work:
    """One view being answered."""

    source: Source
    view: View
    gate: Curtain
    period: Period | None
    filters: dict[str, int]

    def count(self, by: Sequence[str], period: Period | None = None) -> Counts:
        columns = tuple(self.source.slices[key].column for key in by)
        return self.source.count(columns, self.source.where(period or self.period, self.view.where))

    def figure(
        self,
        label: str,
        counts: Counts,
        key: Key,
        cell: dict[str, int],
        period: Period | None = None,
    ) -> Figure:
        when = period or self.period
        source = self.source
        if not self.gate.shows(when, self.filters | cell):
            return withheld(
                label, source.metric, source.method, source.position, source.sight.reason
            )
        unfinished = when is not None and not when.complete(source.today)
        return figure(
            label,
            counts.estimate(key),
            source.method,
            source.position,
            incomplete="This period has not ended." if unfinished else "",
        )

    def cells(self, by: tuple[str, ...]) -> tuple[list[Cell], int]:
        if not by:
            return [], 0
        counts = self.count(by)
        largest = sorted(counts.keys, key=lambda key: -counts.base(key))[:MOST_CELLS]
        found = [
            Cell(
                key,
                labels,
                self.figure(", ".join(labels), counts, key, dict(zip(by, key, strict=True))),
            )
            for key in largest
            for labels in [self._labels(by, key)]
        ]
        found.sort(key=lambda cell: cell.labels)
        return found, len(counts.keys) - len(largest)

    def _labels(self, by: tuple[str, ...], key: Key) -> tuple[str, ...]:
        return tuple(
            self.source.slices.label(name, code) for name, code in zip(by, key, strict=True)
        )

    def placed(self, cells: Sequence[Cell]) -> list[Cell]:
        """Put the cells of one attribute into tiers; what is imprecise or withheld has none."""
        counts = self.count(self.view.by)
        shown = [
            cell for cell in cells if cell.figure.standing in ("sound", "incomplete", "imprecise")
        ]
        worth = counts.worth([cell.key for cell in shown])
        placed = tiers(
            {str(key[0]): tally for key, tally in worth.items()},
            self.source.metric,
            minimum_base=self.source.method.minimum_base,
        )
        where = {one.name: TIER_NUMBERS.get(one.tier) for one in placed}
        return [
            _with(cell, tier=None if cell.figure.imprecise else where.get(str(cell.key[0])))
            for cell in cells
        ]

    def against(self) -> Period | None:
        """Return the period that the view's own is set against."""
        word = self.view.against
        if not word or self.period is None:
            return None
        if word == "previous":
            return self.period.before()
        other = self.period.year_before() if word == "year" else read_period(word, "against")
        if other.overlaps(self.period):
            raise BadInput(
                "The two periods overlap.", remedy="Choose another one to compare with.",
                place=Place(field="against"),
            )  # fmt: skip
        return other

    def periods(self, total: Figure) -> Sides | None:
        """Set the period against the one asked for, and take the change apart by attribute."""
        other = self.against()
        if other is None or self.period is None:
            return None
        before, after = self.count((), other), self.count(())
        first = self.figure(other.label, before, (), {}, other)
        second = total.named(self.period.label)
        open_both = not first.withheld and not second.withheld
        difference = change(before, (), after, ()) if open_both else None
        explanation, attribute = None, ""
        if difference is not None and difference.value is not None and len(self.view.by) == 1:
            explanation = self._explained(self.view.by[0], other)
            attribute = self.source.slices[self.view.by[0]].label
        return Sides(first, second, difference, explanation, attribute)

    def _explained(self, key: str, other: Period) -> Explanation | None:
        assert self.period is not None
        counts = between(self.source, key, other, self.period, self.view.where)
        codes = sorted({code for _, code in counts.keys})
        open_codes = [
            code
            for code in codes
            if self.gate.shows(other, self.filters | {key: code})
            and self.gate.shows(self.period, self.filters | {key: code})
        ]
        return explained(self.source, key, counts, codes, open_codes)

    def changed(self, cells: Sequence[Cell]) -> list[Cell]:
        """Set each cell against itself in the other period."""
        other = self.against()
        if other is None:
            return list(cells)
        [key] = self.view.by
        before, after = self.count((key,), other), self.count((key,))
        keys = [cell.key for cell in cells]
        found = changes(before, keys, after, keys)
        made = []
        for i, cell in enumerate(cells):
            then = self.figure(other.label, before, cell.key, {key: cell.key[0]}, other)
            hidden = then.withheld or cell.figure.withheld
            made.append(_with(cell, before=then, difference=None if hidden else found[i]))
        return made

    def segments(self) -> Sides | None:
        """Set two segments against each other in the same period."""
        assert self.view.segments is not None
        figures, sides = [], []
        for key, code in self.view.segments:
            counts = self.count((key,))
            label = f"{self.source.slices[key].label}: {self.source.slices.label(key, code)}"
            figures.append(self.figure(label, counts, (code,), {key: code}))
            sides.append((counts, (code,)))
        if any(one.withheld for one in figures):
            return Sides(figures[0], figures[1], None)
        (first, a), (second, b) = sides
        return Sides(figures[0], figures[1], change(first, a, second, b))


def _with(
    cell: Cell,
    *,
    tier: int | None = None,
    before: Figure | None = None,
    difference: Difference | None = None,
) -> Cell:
    return Cell(
        cell.key,
        cell.labels,
        cell.figure,
        tier if tier is not None else cell.tier,
        before or cell.before,
        difference or cell.difference,
    )
