"""Withholding: which cells of which periods a gated viewer may be shown.

Months lie in quarters, quarters in years and years in all time; cells of two attributes lie in
those of one, and these in the total. The coarser is decided first and is a margin of the finer, so
that the same answer is given whatever view asks, and no filter, period or door can be played
against another. What is withheld in the coarser is withheld in all that it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.program.scores.rules.periods import Period
from promontory.program.scores.rules.suppression import suppressed

YEAR, QUARTER = 12, 3
"""How many months each has; a month is numbered from January 1970."""

Kind = Literal["all", "year", "quarter", "month"]
Span = tuple[Kind, int]
Cell = tuple[int | None, ...]
Codes = tuple[int, ...]
EVERYTHING: Span = ("all", 0)
MOST_CELLS = 2_000


def span_of(period: Period | None) -> Span:
    """Return how the withholding calls a period; None is all time."""
    if period is None:
        return EVERYTHING
    first = period.since
    month = (first.year - 1970) * YEAR + first.month - 1
    if period.grain == "year":
        return "year", month
    return ("quarter", month) if period.grain == "quarter" else ("month", month)


def around(span: Span) -> Span:
    """Return the span that holds this one."""
    kind, month = span
    if kind == "month":
        return "quarter", month // QUARTER * QUARTER
    return ("year", month // YEAR * YEAR) if kind == "quarter" else EVERYTHING


@dataclass(frozen=True)
class People:
    """How many different people gave the answers, by (first month of the period, code, code …)."""

    yearly: Mapping[Codes, int]
    quarterly: Mapping[Codes, int]
    monthly: Mapping[Codes, int]

    def of(self, kind: Kind) -> Mapping[Codes, int]:
        """Return the counts by year, quarter or month."""
        return {"year": self.yearly, "quarter": self.quarterly, "month": self.monthly}[kind]

    @cached_property
    def fullest(self) -> dict[Codes, int]:
        """The people of the fullest year by cell: who answers every year is still one."""
        found: dict[Codes, int] = {}
        for key, count in self.yearly.items():
            found[key[1:]] = max(count, found.get(key[1:], 0))
        return found


@dataclass(frozen=True, eq=False)
class Withholding:
    """Decides over the cells of some attributes.

    `now` counts people at the position looked at, `before` at those somebody may remember;
    `coarser` are the decisions without the first attribute, without the second …
    """

    now: People
    before: Sequence[People]
    minimum: int
    coarser: tuple[Withholding, ...] = ()

    def shows(self, span: Span, cell: Cell) -> bool:
        """Say whether the figure of a cell in a span may be shown; None is any value."""
        for axis, code in enumerate(cell):
            if code is None:
                return self.coarser[axis].shows(span, cell[:axis] + cell[axis + 1 :])
        codes = tuple(code for code in cell if code is not None)
        if any(code not in self._places[axis] for axis, code in enumerate(codes)):
            return True  # nobody is there, and nobody is given away by saying so
        at = tuple(self._places[axis][code] for axis, code in enumerate(codes))
        table = self._table(span if span[0] == "all" else around(span), span[0])
        if span[0] == "all":
            return bool(table[at])
        months = self._months(around(span), span[0])
        return span[1] not in months or bool(table[(months.index(span[1]), *at)])

    @cached_property
    def _places(self) -> list[dict[int, int]]:
        """The place of each code along its axis."""
        every = [key for people in (self.now, *self.before) for key in people.yearly]
        found = [sorted({key[axis + 1] for key in every}) for axis in range(len(self.coarser))]
        return [{code: place for place, code in enumerate(codes)} for codes in found]

    @cached_property
    def _years(self) -> list[int]:
        return sorted({key[0] for people in (self.now, *self.before) for key in people.yearly})

    @cached_property
    def _known(self) -> dict[tuple[Span, Kind], NDArray[np.bool_]]:
        return {}

    def _months(self, whole: Span, kind: Kind) -> list[int]:
        """Return the first months of a span's parts of one kind."""
        if kind == "year":
            return self._years
        step, size = (QUARTER, YEAR) if kind == "quarter" else (1, QUARTER)
        return list(range(whole[1], whole[1] + size, step))

    def _table(self, whole: Span, kind: Kind) -> NDArray[np.bool_]:
        """Return what is shown of the parts of a span (of all time itself: by cell)."""
        if (whole, kind) not in self._known:
            self._known[whole, kind] = self._decided(whole, kind)
        return self._known[whole, kind]

    def _decided(self, whole: Span, kind: Kind) -> NDArray[np.bool_]:
        shape = tuple(len(places) for places in self._places)
        if kind == "all":
            spans: list[Span] = [EVERYTHING]
        else:
            spans = [(kind, month) for month in self._months(whole, kind)]
            shape = (len(spans), *shape)
        now = self._counted(self.now, kind, spans, shape)
        newcomers = [
            np.abs(now - self._counted(people, kind, spans, shape)) for people in self.before
        ]
        small = (now > 0) & (now < self.minimum)
        for came in newcomers:
            small |= (came > 0) & (came < self.minimum)
        if now.size > MOST_CELLS:
            raise BadInput(
                f"A table of {now.size:,} groups is too large to be made safe.",
                remedy=f"Slice by coarser attributes: at most {MOST_CELLS:,} groups a year.",
            )
        if now.ndim == 0:
            return np.asarray(~small)
        margins = self._margins(whole, kind, spans)
        return ~suppressed(now, small, margins, newcomers, self.minimum)

    def _margins(self, whole: Span, kind: Kind, spans: list[Span]) -> list[NDArray[np.bool_]]:
        """Return which lines have a shown margin: along time first, then along each attribute."""
        codes = [list(places) for places in self._places]
        found = []
        if kind != "all":
            longer = [self.shows(whole, cell) for cell in _product(codes)]
            found.append(np.array(longer, bool).reshape([len(own) for own in codes]))
        for axis, coarser in enumerate(self.coarser):
            rest = codes[:axis] + codes[axis + 1 :]
            shown = [coarser.shows(span, cell) for span in spans for cell in _product(rest)]
            first = [] if kind == "all" else [len(spans)]
            found.append(np.array(shown, bool).reshape(first + [len(own) for own in rest]))
        return found

    def _counted(
        self, people: People, kind: Kind, spans: list[Span], shape: tuple[int, ...]
    ) -> NDArray[np.int64]:
        table = np.zeros(shape, np.int64)
        if kind == "all":
            for codes, count in people.fullest.items():
                table[self._at(codes)] = count
            return table
        rows = {month: row for row, (_, month) in enumerate(spans)}
        for key, count in people.of(kind).items():
            if key[0] in rows:
                table[(rows[key[0]], *self._at(key[1:]))] = count
        return table

    def _at(self, codes: Codes) -> tuple[int, ...]:
        return tuple(self._places[axis][code] for axis, code in enumerate(codes))


def _product(codes: list[list[int]]) -> list[Codes]:
    found: list[Codes] = [()]
    for own in codes:
        found = [(*cell, code) for cell in found for code in own]
    return found
