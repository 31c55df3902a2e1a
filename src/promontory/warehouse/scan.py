"""A scan: which columns of which facts a question reads, and what must hold for a row.

Conditions are plain values, so that one rule decides both what a file's bounds already answer
(always, never, perhaps) and what the engine is asked for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from promontory.warehouse.manifest import FactFile

Verdict = Literal["always", "never", "perhaps"]


@dataclass(frozen=True, slots=True)
class In:
    """The column holds one of these values."""

    column: str
    values: tuple[int, ...]

    def verdict(self, file: FactFile) -> Verdict:
        low, high = file.bound(self.column)
        if low == high:
            return "always" if low in self.values else "never"
        inside = any(low <= value <= high for value in self.values)
        span = high - low + 1
        if span <= len(self.values) and set(range(low, high + 1)) <= {*self.values}:
            return "always"
        return "perhaps" if inside else "never"

    def sql(self) -> exp.Expr:
        column = exp.column(self.column)
        if len(self.values) == 1:
            return column.eq(self.values[0])
        return column.isin(*self.values)


@dataclass(frozen=True, slots=True)
class Range:
    """The column holds a value from `low` to `high`, both included; None is open."""

    column: str
    low: int | None = None
    high: int | None = None

    def verdict(self, file: FactFile) -> Verdict:
        low, high = file.bound(self.column)
        if (self.low is not None and high < self.low) or (
            self.high is not None and low > self.high
        ):
            return "never"
        above = self.low is None or low >= self.low
        below = self.high is None or high <= self.high
        return "always" if above and below else "perhaps"

    def sql(self) -> exp.Expr:
        column = exp.column(self.column)
        ends: list[exp.Expr] = [column >= self.low] if self.low is not None else []
        ends += [column <= self.high] if self.high is not None else []
        return exp.and_(*ends)


@dataclass(frozen=True, slots=True)
class Clear:
    """None of these bits is set in the column."""

    column: str
    bits: int

    def verdict(self, file: FactFile) -> Verdict:
        low, high = file.bound(self.column)
        if low == high:
            return "never" if low & self.bits else "always"
        return "perhaps"

    def sql(self) -> exp.Expr:
        column = exp.column(self.column)
        return exp.BitwiseAnd(this=column, expression=exp.Literal.number(self.bits)).eq(0)


Condition = In | Range | Clear


@dataclass(frozen=True, slots=True)
class Portion:
    """Files of the same columns, of which the same conditions still have to be asked.

    lacking: the asked columns that were added later than these files; they read as 0.
    """

    files: tuple[FactFile, ...]
    conditions: tuple[Condition, ...]
    lacking: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


MOST_PORTIONS = 3
"""More branches of a union cost more than the comparisons they spare."""


def portions(
    files: Iterable[FactFile], columns: Iterable[str], conditions: Iterable[Condition]
) -> list[Portion]:
    """Return the files that can hold such rows, grouped by what is still to be asked of them."""
    asked, read = tuple(conditions), tuple(columns)
    by_shape: dict[frozenset[str], dict[tuple[Condition, ...], list[FactFile]]] = {}
    for file in files:
        verdicts = [condition.verdict(file) for condition in asked]
        if "never" in verdicts:
            continue
        lacking = frozenset(column for column in read if not file.has(column))
        left = tuple(c for c, verdict in zip(asked, verdicts, strict=True) if verdict == "perhaps")
        by_shape.setdefault(lacking, {}).setdefault(left, []).append(file)
    return [
        Portion(tuple(here), left, lacking)
        for lacking, groups in by_shape.items()
        for left, here in _merged(asked, groups).items()
    ]


def _merged(
    asked: tuple[Condition, ...], groups: dict[tuple[Condition, ...], list[FactFile]]
) -> dict[tuple[Condition, ...], list[FactFile]]:
    if len(groups) <= MOST_PORTIONS:
        return groups
    left = tuple(condition for condition in asked if any(condition in some for some in groups))
    return {left: [file for part in groups.values() for file in part]}
