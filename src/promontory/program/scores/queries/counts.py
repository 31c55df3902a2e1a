"""Counts: what the warehouse answered, ready for statistics, by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from promontory.measurement import Clustering, Difference, Estimate, Tally, jackknife
from promontory.measurement.clusters import ClusterTally
from promontory.measurement.inference.difference import Differences, differences
from promontory.measurement.inference.moments import Cells as Moments
from promontory.measurement.inference.one_score import score_many
from promontory.measurement.metrics import Metric
from promontory.warehouse import Cells, ClusteredCells

Key = tuple[int, ...]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a method enters a number."""

    metric: Metric
    level: float
    interval: str


@dataclass(frozen=True, eq=False)
class Counts:
    """Answers by group: row i of `n` belongs to `keys[i]`, columns are the metric's answers.

    `pairs` holds (T, W, count) of the clusters of each row, when answers are clustered.
    """

    rules: Rules
    keys: tuple[Key, ...]
    n: Integers
    pairs: dict[Key, ClusterTally] | None = None
    _rows: dict[Key, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {key: row for row, key in enumerate(self.keys)})

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def base(self, key: Key = ()) -> int:
        """Return how many answers the group has."""
        return int(self._n(key).sum())

    def tally(self, key: Key = ()) -> Tally:
        """Return the group's tally; an empty one where nobody answered."""
        row = self._n(key)
        return Tally(dict(zip(self.rules.metric.answers, row.tolist(), strict=True)))

    def clusters(self, key: Key = ()) -> ClusterTally | None:
        """Return the group's clusters, None when answers are not clustered."""
        if self.pairs is None:
            return None
        return self.pairs.get(key, _NO_CLUSTERS)

    def estimates(self, keys: Sequence[Key]) -> list[Estimate]:
        """Return the score of each of these groups, in one go."""
        found = score_many(
            self.matrix(keys),
            self.rules.metric,
            level=self.rules.level,
            method=self.rules.interval,
            clustering=self.clustering(keys),
        )
        return [found[i] for i in range(len(keys))]

    def estimate(self, key: Key = ()) -> Estimate:
        """Return the score of one group."""
        return self.estimates([key])[0]

    def matrix(self, keys: Iterable[Key]) -> Integers:
        return np.array([self._n(key) for key in keys]).reshape(-1, self.n.shape[1])

    def clustering(self, keys: Sequence[Key]) -> Clustering | None:
        if self.pairs is None:
            return None
        tallies = [self.pairs.get(key, _NO_CLUSTERS) for key in keys]
        if not tallies:
            return None
        cell = np.repeat(np.arange(len(keys)), [tally.T.size for tally in tallies])
        T, W, count = (
            np.concatenate([getattr(tally, name) for tally in tallies])
            for name in ("T", "W", "count")
        )
        return jackknife(T, W, count, cell, len(keys))

    def worth(self, keys: Sequence[Key]) -> dict[Key, Tally]:
        """Return tallies whose Σw² says what clustered answers are worth as independent ones.

        For statistics that take tallies only: their effective base is that of the estimate.
        """
        plain = {key: self.tally(key) for key in keys}
        if self.pairs is None:
            return plain
        effective = {
            key: e.effective_base for key, e in zip(keys, self.estimates(keys), strict=True)
        }
        return {
            key: Tally(t.n, t.n, {a: n * t.base / effective[key] for a, n in t.n.items()})
            if t.base and effective[key] < t.base
            else t
            for key, t in plain.items()
        }

    def sum_over(self, keys: Iterable[Key]) -> Tally:
        """Return the plain sum of several groups' tallies."""
        return sum((self.tally(key) for key in keys), Tally())

    def _n(self, key: Key) -> Integers:
        row = self._rows.get(key)
        return np.zeros(self.n.shape[1], np.int64) if row is None else self.n[row]


_NO_CLUSTERS = ClusterTally(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))


def changes(
    before: Counts, keys_before: Sequence[Key], after: Counts, keys_after: Sequence[Key]
) -> Differences:
    """Return the difference of each pair of groups, in one go."""
    metric = after.rules.metric
    return differences(
        Moments.of(metric, before.matrix(keys_before)),
        Moments.of(metric, after.matrix(keys_after)),
        level=after.rules.level,
        clustering_before=before.clustering(keys_before),
        clustering_after=after.clustering(keys_after),
    )


def change(before: Counts, key_before: Key, after: Counts, key_after: Key) -> Difference:
    """Return the difference of two groups."""
    return changes(before, [key_before], after, [key_after])[0]


def counts_of(rules: Rules, plain: Cells, clustered: ClusteredCells | None) -> Counts:
    """Return the counts behind two answers of the warehouse to the same question."""
    groups, matrix = plain.pivot()
    # Without a grouping there is one group at most, and a table without columns has no rows.
    keys = _keys(plain.question.names, groups) if plain.question.names else [()] * len(matrix)
    return Counts(rules, tuple(keys), matrix, None if clustered is None else _pairs(clustered))


def _pairs(clustered: ClusteredCells) -> dict[Key, ClusterTally]:
    table = clustered.table
    T, W, count = (table[name].to_numpy() for name in ("T", "W", "count"))
    rows: dict[Key, list[int]] = {}
    for row, key in enumerate(_keys(clustered.question.names, table)):
        rows.setdefault(key, []).append(row)
    return {key: ClusterTally(T[at], W[at], count[at]) for key, at in rows.items()}


def people_of(clustered: ClusteredCells) -> dict[Key, int]:
    """Return how many people (clusters) each group has."""
    found: dict[Key, int] = {}
    counts = clustered.table["count"].to_pylist()
    for key, count in zip(_keys(clustered.question.names, clustered.table), counts, strict=True):
        found[key] = found.get(key, 0) + count
    return found


def _keys(names: tuple[str, ...], table: object) -> list[Key]:
    if not names:
        return [()] * table.num_rows  # type: ignore[attr-defined]
    columns = [table[name].to_pylist() for name in names]  # type: ignore[index]
    return list(zip(*columns, strict=True))
