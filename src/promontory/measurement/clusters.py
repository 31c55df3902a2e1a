"""ClusterTally: what several answers of one person or account add up to.

Clustered tallies do not add: they are grouped by cluster over the whole cell, and only the
distinct pairs (T, W), with how many clusters share each, leave the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput
from promontory.measurement.metrics import Metric, get

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class ClusterTally:
    """A histogram of clusters: `count` clusters have Σ w·y = `T` points and Σ w = `W`.

    `W` must be above zero: a cluster without an answer in the cell is not listed; how many
    clusters the frame holds is told to `score` as `clusters_in_frame`.
    """

    T: NDArray[Any]
    W: NDArray[Any]
    count: Integers

    def __post_init__(self) -> None:
        for name in ("T", "W", "count"):
            object.__setattr__(self, name, np.atleast_1d(np.asarray(getattr(self, name))))
        if not self.T.shape == self.W.shape == self.count.shape:
            raise BadInput("T, W and count of a cluster tally must have the same length.")
        if self.W.size and (not np.all(self.W > 0) or not np.all(self.count > 0)):
            raise BadInput("Every cluster in a cluster tally needs a weight above zero.")

    @classmethod
    def of(
        cls,
        values: Sequence[int] | ArrayLike,
        clusters: Any,
        metric: Metric | str = "nps",
        weights: ArrayLike | None = None,
    ) -> ClusterTally:
        """Group answers by cluster; `clusters` names the person or account of each answer."""
        metric = get(metric)
        answers = np.asarray(values, dtype=np.int64)
        stray = answers[~np.isin(answers, metric.answers)]
        if stray.size:
            low, high = metric.scale
            raise BadInput(f"The answer {stray[0]} is not on the scale {low}–{high}.")
        names = np.asarray(clusters if hasattr(clusters, "__len__") else list(clusters))
        if names.shape != answers.shape:
            raise BadInput(f"There are {answers.size} answers but {names.size} clusters.")
        w = np.ones(answers.size) if weights is None else np.asarray(weights, dtype=np.float64)
        _, place = np.unique(names, return_inverse=True)
        y = metric.vector[np.searchsorted(metric.answers, answers)]
        T, W = np.bincount(place, w * y), np.bincount(place, w)
        return cls.merged(T, W, np.ones(T.size, dtype=np.int64))

    @classmethod
    def merged(cls, T: ArrayLike, W: ArrayLike, count: ArrayLike) -> ClusterTally:
        """Build the histogram from pairs that may repeat."""
        pairs = np.stack([np.asarray(T), np.asarray(W)], axis=1)
        if not len(pairs):
            return cls(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
        distinct, place = np.unique(pairs, axis=0, return_inverse=True)
        total = np.bincount(place.ravel(), np.asarray(count, dtype=np.float64))
        return cls(distinct[:, 0], distinct[:, 1], total.astype(np.int64))

    @property
    def clusters(self) -> int:
        """How many clusters have an answer in the cell."""
        return int(self.count.sum())
