"""A question and its cells: how many answers of each kind, in each group, as of a position.

A question comes back as integer cells and nothing else; scores and intervals are made of them in
`measurement`. Plain cells add, so they may be folded into coarser groups afterwards. Clustered
cells do not: the engine groups by cluster within each group, and returns how many clusters have
each pair (T, W), T being Σ weight × points and W being Σ weight of one cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from promontory.warehouse.scan import Condition

ANY_EXCLUSION = (1 << 31) - 1
"""Every exclusion bit: what is excluded for any reason does not count."""

Integers = npt.NDArray[np.int64]


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
        """Return the groups, and a matrix of n by group and answer (in the question's order).

        For unweighted cells; of weighted ones use the table.
        """
        names = list(self.question.names)
        columns = [self.table[name].to_numpy() for name in names]
        code = np.zeros(self.table.num_rows, np.int64)
        for column in columns:
            low = int(column.min(initial=0))
            code = code * (int(column.max(initial=0)) - low + 1) + (column - low)
        distinct, first, group = np.unique(code, return_index=True, return_inverse=True)
        width = len(self.question.answers)
        place = np.zeros(max(self.question.answers, default=0) + 1, np.int64)
        place[list(self.question.answers)] = np.arange(width)
        cell = group * width + place[self.table["answer"].to_numpy()]
        size = len(distinct) * width
        matrix = np.bincount(cell, self.table["n"].to_numpy(), size).astype(np.int64)
        groups = self.table.select(names).take(pa.array(first))
        return groups, matrix.reshape(len(distinct), width)


@dataclass(frozen=True, slots=True)
class ClusteredCells:
    """Clusters by group: columns `question.names`, T, W, count (all int64).

    T is Σ w · points and W is Σ w over one cluster's answers in the group; count is how many
    clusters have that pair. A cluster with no answer left in a group is not in it.
    """

    question: Question
    position: int
    table: pa.Table


def integers(names: Iterable[str]) -> pa.Schema:
    """Return the schema of an answer: 64-bit integers, none missing."""
    return pa.schema([pa.field(name, pa.int64(), nullable=False) for name in names])
