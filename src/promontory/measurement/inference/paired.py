"""The same people or accounts in both periods: the paired variance.

Taking them for different people would make the error up to two thirds too wide (or too narrow,
when accounts of several people are few). Who answered only once takes part as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput
from promontory.measurement.inference import pseudo
from promontory.measurement.inference.difference import Difference, assembled
from promontory.measurement.inference.effective import effective_base
from promontory.measurement.inference.moments import Cells
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class PairTally:
    """Per distinct cluster: Σ w·y and Σ w before and after, and how many clusters are like it.

    A W of 0 says that the cluster did not answer in that period.
    """

    T_before: Floats
    W_before: Floats
    T_after: Floats
    W_after: Floats
    count: Floats

    def __post_init__(self) -> None:
        for name in self.__slots__:
            array = np.atleast_1d(np.asarray(getattr(self, name), dtype=np.float64))
            object.__setattr__(self, name, array)
        if len({getattr(self, name).shape for name in self.__slots__}) != 1:
            raise BadInput("The columns of a pair tally must have the same length.")
        if np.any(self.W_before + self.W_after <= 0):
            raise BadInput("Every cluster in a pair tally needs an answer in one period.")

    @classmethod
    def of(
        cls,
        before: Sequence[int] | ArrayLike,
        clusters_before: Any,
        after: Sequence[int] | ArrayLike,
        clusters_after: Any,
        metric: Metric | str = NPS,
    ) -> PairTally:
        """Group unweighted answers of both periods by the person or account that gave them."""
        metric = get(metric)
        sides = [np.asarray(before, dtype=np.int64), np.asarray(after, dtype=np.int64)]
        names = [np.asarray(clusters_before), np.asarray(clusters_after)]
        if any(s.shape != c.shape for s, c in zip(sides, names, strict=True)):
            raise BadInput("Every answer needs the name of its cluster.")
        _, place = np.unique(np.concatenate(names), return_inverse=True)
        groups = int(place.max()) + 1 if place.size else 0
        parts = np.split(place, [sides[0].size])
        sums: list[Floats] = []
        for values, where in zip(sides, parts, strict=True):
            y = metric.vector[np.searchsorted(metric.answers, values)]
            ones = np.ones(y.size)
            sums += [np.bincount(where, x, groups).astype(np.float64) for x in (y, ones)]
        rows, count = np.unique(np.stack(sums, axis=1), axis=0, return_counts=True)
        return cls(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3], count.astype(np.float64))


def paired_difference(
    before: Tally,
    after: Tally,
    pairs: PairTally,
    metric: Metric | str = NPS,
    *,
    level: float = 0.95,
) -> Difference:
    """Return the change between two tallies whose answers come partly from the same clusters.

    The variance is the jackknife over clusters of both periods together. Its ratio to that of
    independent answers is drawn a little towards 1 when it is below (two clusters' worth), so
    that a few people who all repeated their answer do not look like certainty.
    """
    metric = get(metric)
    a, b = Cells.of_tallies(metric, [before]), Cells.of_tallies(metric, [after])
    variance, clusters, members = _jackknife(pairs)
    groups = [pseudo.adjusted(cells, effective_base(cells), pseudo.EACH_GROUP) for cells in (a, b)]
    errors = [group.v / (group.total - 1) for group in groups]
    plain = a.v_lin + b.v_lin
    ratio = np.divide(variance, plain, out=np.ones_like(plain), where=plain > 0)
    alike = np.maximum(a.base, b.base) / max(min(members), 1.0)
    ratio = np.where(plain > 0, ratio, np.maximum(alike, 1.0))
    ratio = np.maximum(ratio, (clusters * ratio + 2) / (clusters + 2))
    independent = errors[0] + errors[1]
    spread = [error**2 / max(m - 1, 0.1) for error, m in zip(errors, members, strict=True)]
    df = np.minimum(clusters - 1, independent**2 / (spread[0] + spread[1]))
    centre = groups[1].centre - groups[0].centre
    se = np.sqrt(independent * ratio)
    return assembled(a, b, centre, se, np.maximum(df, 0.1), level, "paired-t")[0]


def _jackknife(pairs: PairTally) -> tuple[float, float, tuple[float, float]]:
    """Return the variance of the change, the number of clusters, and of those in each period."""
    clusters = float(pairs.count.sum())
    shift = np.zeros_like(pairs.count)
    members = []
    for sign, T, W in (
        (-1, pairs.T_before, pairs.W_before),
        (1, pairs.T_after, pairs.W_after),
    ):
        weight = float((pairs.count * W).sum())
        theta = float((pairs.count * T).sum()) / weight if weight else 0.0
        rest = weight - W
        shift += sign * np.divide(theta * W - T, rest, out=np.zeros_like(T), where=rest > 0)
        members.append(float(pairs.count[W > 0].sum()))
    factor = (clusters - 1) / clusters if clusters else 0.0
    return factor * float((pairs.count * shift**2).sum()), clusters, (members[0], members[1])
