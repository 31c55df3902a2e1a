"""Withholding: which cells of which months and years a gated viewer may be shown.

Months lie in years and years in all time, so a cell is judged in every table through which it
could be found by subtraction: over its attributes, over the months of its year, over the years.
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

MONTHS = 12
Cell = tuple[int | None, ...]
Span = tuple[Literal["all", "year", "month"], int]
EVERYTHING: Span = ("all", 0)


def span_of(period: Period | None) -> Span:
    """Return how the withholding calls a period; None is all time."""
    if period is None:
        return EVERYTHING
    first = period.since
    month = (first.year - 1970) * MONTHS + first.month - 1
    return ("year", month) if period.grain == "year" else ("month", month)


@dataclass(frozen=True, slots=True)
class People:
    """How many different people gave the answers, by (year or month, code, code …)."""

    yearly: Mapping[tuple[int, ...], int]
    monthly: Mapping[tuple[int, ...], int]


class Table(Protocol):
    """A way of counting people into an array."""

    def __call__(self, people: People) -> NDArray[np.int64]: ...


@dataclass(frozen=True, eq=False, slots=True)
class _Tables:
    axes: tuple[int, ...]
    years: NDArray[np.bool_]
    months: Mapping[int, NDArray[np.bool_]]


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
        for tables in self._around(axes):
            cell = self._place(tables.axes, axes, codes)
            if not tables.years[(-1, *cell)]:
                return False
            if kind == "all":
                continue
            year = number // MONTHS * MONTHS
            if year not in self._years:
                continue
            if not tables.years[(self._years[year], *cell)]:
                return False
            months = tables.months[year]
            if not months[(-1, *cell)]:
                return False
            if kind == "month" and not months[(number - year, *cell)]:
                return False
        return True

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

        years = shown(lambda people: self._yearly(people, axes))
        months = {
            year: shown(lambda people, year=year: self._monthly(people, axes, year))
            for year in self._years
        }
        return _Tables(axes, years, months)

    def _yearly(self, people: People, axes: tuple[int, ...]) -> NDArray[np.int64]:
        table = self._empty(len(self._years), axes)
        for key, count in people.yearly.items():
            table[(self._years[key[0]], *self._along(key, axes))] += count
        return table

    def _monthly(self, people: People, axes: tuple[int, ...], year: int) -> NDArray[np.int64]:
        table = self._empty(MONTHS, axes)
        for key, count in people.monthly.items():
            if 0 <= key[0] - year < MONTHS:
                table[(key[0] - year, *self._along(key, axes))] += count
        return table

    def _along(self, key: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(self._codes[axis][key[axis + 1]] for axis in axes)

    def _empty(self, first: int, axes: tuple[int, ...]) -> NDArray[np.int64]:
        shape = (first, *(len(self._codes[axis]) for axis in axes))
        return np.zeros(shape, np.int64)
