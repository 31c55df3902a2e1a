"""A question and its cells: how many answers of each kind, in each group, as of a position.

A question comes back as integer cells and nothing else; scores and intervals are made of them in
`measurement`. Plain cells add, so they may be folded into coarser groups afterwards. Clustered
cells do not: the engine groups by cluster within each group, and returns how many clusters have
each pair (T, W), T being Σ weight × points and W being Σ weight of one cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from promontory.warehouse.scan import Condition
from promontory.warehouse.schema import UNIT_WEIGHT

ANY_EXCLUSION = (1 << 31) - 1
"""Every exclusion bit: what is excluded for any reason does not count."""

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Periods:
    """A grouping by stretches of local days, each (first, last) inclusive and not overlapping.

    The group is the index of the stretch; answers in none of them are not counted.
    """

    stretches: tuple[tuple[int, int], ...]


By = str | Periods


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the facts.

    answers: the answers that count (−1, no score, is never among a metric's own).
    by: the grouping: columns, attributes, `Periods`, or a calendar word: `day`, `week` (its Monday,
        as a day), `month` (months since 1970-01), `quarter` and `year` (their first month).
    where: conditions, all of which hold (`In`, `Range`, `Clear` of `warehouse.scan`).
    as_of: the last ledger position that counts; None is all that the warehouse holds.
    excluding: exclusion bits that remove an answer; every bit unless a method says otherwise.
    weighted: keep the base weight d and the weight cell g in the cells' key.
    cluster: count clusters instead of answers; 0 is unknown and makes each response its own.
    points: the points of each answer, needed with `cluster`.
    factors: with `cluster` and `weighted`, the scaled integer factor of each weight cell; a cell
        it does not name weighs 1, that is `UNIT_WEIGHT`. Weights come in 10⁻¹².
    """

    answers: tuple[int, ...]
    by: tuple[By, ...] = ()
    where: tuple[Condition, ...] = ()
    as_of: int | None = None
    excluding: int = ANY_EXCLUSION
    weighted: bool = False
    cluster: Literal["person", "account"] | None = None
    points: Mapping[int, int] = field(default_factory=dict)
    factors: Mapping[int, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the groups' columns in the result."""
        return tuple(by if isinstance(by, str) else "period" for by in self.by)


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts by group and answer: columns `question.names`, answer, d, g, n (all int64).

    Without `weighted`, d and g are absent. position: the ledger position they are as of.
    """

    question: Question
    position: int
    table: pa.Table
    source: Literal["facts", "cube"] = "facts"

    def pivot(self) -> tuple[pa.Table, Integers]:
        """Return the groups, ascending, and n by group and answer (in the question's order)."""
        groups, group = grouped(self.table, self.question.names)
        return groups, self._matrix(group, _count(group), self._n()).astype(np.int64)

    def pivot_weighted(
        self, factors: Mapping[int, int] | None = None
    ) -> tuple[pa.Table, Integers, Floats, Floats]:
        """Return the groups, and n, Σw and Σw² by group and answer, of weighted cells.

        w = d · g in units of one answer; `factors` are the scaled integer factors of the weight
        cells, 1 (`UNIT_WEIGHT`) where they name none.
        """
        groups, group = grouped(self.table, self.question.names)
        cells, place = np.unique(self.table["g"].to_numpy(), return_inverse=True)
        known = factors or {}
        factor = np.array([known.get(cell, UNIT_WEIGHT) for cell in cells.tolist()], float)
        w: Floats = self.table["d"].to_numpy() / UNIT_WEIGHT * (factor[place] / UNIT_WEIGHT)
        n, size = self._n(), _count(group)
        counts = self._matrix(group, size, n).astype(np.int64)
        return groups, counts, self._matrix(group, size, n * w), self._matrix(group, size, n * w**2)

    def fold(self, question: Question) -> Cells:
        """Return the cells of a question like this one but with fewer groupings: cells add."""
        if question.by == self.question.by:
            return self
        keys = [*question.names, *("answer", "d", "g")[: 3 if question.weighted else 1]]
        sums = self.table.group_by(keys).aggregate([("n", "sum")]).select([*keys, "n_sum"])
        sums = sums.rename_columns([*keys, "n"]).cast(integers([*keys, "n"]))
        return Cells(question, self.position, sums.filter(pc.field("n") != 0), self.source)

    def _n(self) -> Integers:
        n: Integers = self.table["n"].to_numpy()
        return n

    def _matrix(self, group: Integers, groups: int, values: npt.NDArray[Any]) -> Floats:
        answers = list(self.question.answers)
        place = np.zeros(max(answers) - min(answers) + 1, np.int64)
        place[np.array(answers) - min(answers)] = np.arange(len(answers))
        cell = group * len(answers) + place[self.table["answer"].to_numpy() - min(answers)]
        # Counts are far below 2⁵³, so that sums in doubles are exact.
        sums: Floats = np.bincount(cell, values, groups * len(answers)).astype(np.float64)
        return sums.reshape(groups, len(answers))


@dataclass(frozen=True, slots=True)
class ClusteredCells:
    """Clusters by group: columns `question.names`, T, W, count (all int64).

    T is Σ w · points and W is Σ w over one cluster's answers in the group; count is how many
    clusters have that pair. A cluster with no answer left in a group is not in it.
    """

    question: Question
    position: int
    table: pa.Table

    def pivot(self) -> tuple[pa.Table, Integers, Integers, Integers, Integers]:
        """Return the groups, ascending; and of each row its group's number, T, W and count."""
        groups, group = grouped(self.table, self.question.names)
        T, W, count = (self.table[name].to_numpy() for name in ("T", "W", "count"))
        return groups, group, T, W, count


def grouped(table: pa.Table, names: Sequence[str]) -> tuple[pa.Table, Integers]:
    """Return the distinct groups, ascending, and the number of each row's group."""
    code = np.zeros(table.num_rows, np.int64)
    for name in names:
        column = table[name].to_numpy()
        low = int(column.min()) if column.size else 0
        span = int(column.max()) - low + 1 if column.size else 1
        if int(code.max(initial=0)) * span >= 1 << 62:
            _, code = np.unique(code, return_inverse=True)
        code = code * span + (column - low)
    _, first, group = np.unique(code, return_index=True, return_inverse=True)
    return table.select(list(names)).take(pa.array(first)), group


def _count(group: Integers) -> int:
    """Return how many groups are numbered; a table without columns cannot tell."""
    return int(group.max(initial=-1)) + 1


def integers(names: Iterable[str]) -> pa.Schema:
    """Return the schema of an answer: 64-bit integers, none missing."""
    return pa.schema([pa.field(name, pa.int64(), nullable=False) for name in names])
