"""Withholding: which cells of which periods a gated viewer may be shown.

Months lie in quarters, quarters in years and years in all time, so a cell is judged in every table
through which it could be found by subtraction: over its attributes, over the months of its
quarter, the quarters of its year, the years.
A cell hidden in a longer period is hidden in every shorter one, and a cell of two attributes
wherever either of them alone is hidden. The same answer is given whatever view asks, so that no
filter, period or door can be played against another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from promontory.measurement.gates import protect
from promontory.program.scores.rules.periods import Period

YEAR, QUARTER = 12, 3
"""How many months each has; a month is numbered from January 1970."""

Cell = tuple[int | None, ...]
Span = tuple[Literal["all", "year", "quarter", "month"], int]
EVERYTHING: Span = ("all", 0)


def span_of(period: Period | None) -> Span:
    """Return how the withholding calls a period; None is all time."""
    if period is None:
        return EVERYTHING
    first = period.since
    month = (first.year - 1970) * YEAR + first.month - 1
    return (period.grain if period.grain in ("year", "quarter") else "month", month)


@dataclass(frozen=True, slots=True)
class People:
    """How many different people gave the answers, by (first month of the period, code, code …)."""

    yearly: Mapping[tuple[int, ...], int]
    quarterly: Mapping[tuple[int, ...], int]
    monthly: Mapping[tuple[int, ...], int]


class Table(Protocol):
    """A way of counting people into an array."""

    def __call__(self, people: People) -> NDArray[np.int64]: ...


@dataclass(frozen=True, eq=False, slots=True)
class _Tables:
    axes: tuple[int, ...]
    ever: NDArray[np.bool_]
    years: NDArray[np.bool_]
    quarters: Mapping[int, NDArray[np.bool_]]
    months: Mapping[int, NDArray[np.bool_]]

    def shows(self, kind: str, month: int, year: int | None, cell: tuple[int, ...]) -> bool:
        """Say whether the cell shows in the span that begins with `month`, and in all around it."""
        if not (self.ever[cell] and self.years[(-1, *cell)]):
            return False
        if kind == "all" or year is None:
            return True
        quarters = self.quarters[month // YEAR * YEAR]
        if not (self.years[(year, *cell)] and quarters[(-1, *cell)]):
            return False
        if kind == "year":
            return True
        months = self.months[month // QUARTER * QUARTER]
        if not (quarters[(month % YEAR // QUARTER, *cell)] and months[(-1, *cell)]):
            return False
        return kind == "quarter" or bool(months[(month % QUARTER, *cell)])


@dataclass(frozen=True, eq=False)
class Withholding:
    """Decides over tables of people: now, and at the positions somebody may remember.

    `now` and `before` are counted over the same attributes, as many as `dimensions` says.
    """

    now: People
    before: Sequence[People]
    dimensions: int
    minimum: int

    def shows(self, span: Span, cell: Cell) -> bool:
        """Say whether the figure of a cell in a span may be shown; None is any value."""
        named = tuple(axis for axis in range(self.dimensions) if cell[axis] is not None)
        return all(
            self._shows(span, axes, tuple(cell[axis] for axis in axes))  # type: ignore[misc]
            for size in range(len(named) + 1)
            for axes in combinations(named, size)
        )

    def _shows(self, span: Span, axes: tuple[int, ...], codes: tuple[int, ...]) -> bool:
        kind, number = span
        if any(code not in self._codes[axis] for axis, code in zip(axes, codes, strict=True)):
            return True  # nobody is there, and nobody is given away by saying so
        year = self._years.get(number // YEAR * YEAR)
        return all(
            tables.shows(kind, number, year, self._place(tables.axes, axes, codes))
            for tables in self._around(axes)
        )

    def _around(self, axes: tuple[int, ...]) -> list[_Tables]:
        """The tables in which a cell over these axes stands: its own and the whole one."""
        whole = tuple(range(self.dimensions))
        return [self._tables[own] for own in dict.fromkeys((axes, whole))]

    def _place(
        self, table: tuple[int, ...], axes: tuple[int, ...], codes: tuple[int, ...]
    ) -> tuple[int, ...]:
        named = dict(zip(axes, codes, strict=True))
        return tuple(self._codes[axis][named[axis]] if axis in named else -1 for axis in table)

    @cached_property
    def _codes(self) -> list[dict[int, int]]:
        """The place of each code along its axis."""
        every = [key for people in (self.now, *self.before) for key in people.monthly]
        found = [sorted({key[axis + 1] for key in every}) for axis in range(self.dimensions)]
        return [{code: place for place, code in enumerate(codes)} for codes in found]

    @cached_property
    def _years(self) -> dict[int, int]:
        every = {key[0] for people in (self.now, *self.before) for key in people.yearly}
        return {year: place for place, year in enumerate(sorted(every))}

    @cached_property
    def _tables(self) -> dict[tuple[int, ...], _Tables]:
        every = range(self.dimensions)
        return {
            axes: self._protected(axes)
            for size in range(self.dimensions + 1)
            for axes in combinations(every, size)
        }

    def _protected(self, axes: tuple[int, ...]) -> _Tables:
        def shown(count: Table) -> NDArray[np.bool_]:
            now = count(self.now)
            before = [count(people) for people in self.before]
            verdicts = [protect(now, self.minimum, before=table).shown for table in before]
            verdicts.append(protect(now, self.minimum).shown)
            found: NDArray[np.bool_] = np.logical_and.reduce(verdicts)
            return found

        def within(first: int, step: int, spans: int, count: str) -> NDArray[np.bool_]:
            places = {first + step * place: place for place in range(spans)}
            return shown(lambda people: self._table(getattr(people, count), places, axes))

        quarters = [year + QUARTER * place for year in self._years for place in range(4)]
        return _Tables(
            axes,
            self._ever(axes),
            shown(lambda people: self._table(people.yearly, self._years, axes)),
            {year: within(year, QUARTER, 4, "quarterly") for year in self._years},
            {quarter: within(quarter, 1, QUARTER, "monthly") for quarter in quarters},
        )

    def _ever(self, axes: tuple[int, ...]) -> NDArray[np.bool_]:
        """Say where all time holds people enough: one who answers every year is still one.

        People of several years cannot be added, so the fullest year has to be enough.
        """
        table = self._table(self.now.yearly, self._years, axes)
        for axis in range(1, table.ndim):
            table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
        fullest = table.max(axis=0, initial=0)
        enough: NDArray[np.bool_] = np.asarray((fullest == 0) | (fullest >= self.minimum))
        return enough

    def _table(
        self,
        counts: Mapping[tuple[int, ...], int],
        places: Mapping[int, int],
        axes: tuple[int, ...],
    ) -> NDArray[np.int64]:
        shape = (len(places), *(len(self._codes[axis]) for axis in axes))
        table = np.zeros(shape, np.int64)
        for key, count in counts.items():
            if key[0] in places:
                table[(places[key[0]], *self._along(key, axes))] += count
        return table

    def _along(self, key: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(self._codes[axis][key[axis + 1]] for axis in axes)
