"""What inference needs of many cells at once: bases, weights and means of points, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput
from promontory.measurement.metrics import Metric
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts, Σw and Σw² of many cells, shaped (cells, levels), under the points of a metric.

    Answers of equal points are merged, so that a level is a class: three of them for NPS.
    """

    metric: Metric
    n: Floats
    w: Floats
    w2: Floats

    @classmethod
    def of(
        cls, metric: Metric, n: ArrayLike, w: ArrayLike | None = None, w2: ArrayLike | None = None
    ) -> Cells:
        """Take arrays shaped (cells, answers), answers as in `metric.answers`."""
        if (w is None) != (w2 is None):
            raise BadInput("Weighted counts need both Σw and Σw².")
        counts = np.atleast_2d(np.asarray(n, dtype=np.float64))
        if counts.shape[1] != len(metric.answers):
            raise BadInput(
                f"{metric.name} has {len(metric.answers)} answers, but the counts have "
                f"{counts.shape[1]} columns."
            )
        if np.any(counts < 0) or not np.all(np.isfinite(counts)):
            raise BadInput("Counts of answers cannot be negative or missing.")
        merge = (metric.vector[:, None] == np.array(metric.levels)).astype(np.float64)
        people = counts @ merge
        if w is None or w2 is None:
            return cls(metric, people, people, people)
        weights, squares = (
            np.atleast_2d(np.asarray(sums, dtype=np.float64)) @ merge for sums in (w, w2)
        )
        return cls(metric, people, weights, squares)

    @classmethod
    def of_tallies(cls, metric: Metric, tallies: list[Tally]) -> Cells:
        """Take tallies, one a cell."""
        if not tallies:
            empty = np.empty((0, len(metric.answers)))
            return cls.of(metric, empty)
        n, w, w2 = (
            np.array(rows)
            for rows in zip(*(tally.arrays(metric.answers) for tally in tallies), strict=True)
        )
        return cls.of(metric, n, w, w2)

    @cached_property
    def points(self) -> Floats:
        """The points of the levels, ascending."""
        return np.array(self.metric.levels, dtype=np.float64)

    @cached_property
    def base(self) -> Floats:
        """Respondents per cell."""
        return np.asarray(self.n.sum(axis=1))

    @cached_property
    def weight(self) -> Floats:
        """Σw per cell."""
        return np.asarray(self.w.sum(axis=1))

    @cached_property
    def shares(self) -> Floats:
        """The weighted share of each level, (cells, levels); 0 throughout in an empty cell."""
        total = self.weight[:, None]
        return np.asarray(np.divide(self.w, total, out=np.zeros_like(self.w), where=total > 0))

    @cached_property
    def theta(self) -> Floats:
        """The raw score: the weighted mean of the points; NaN where nobody answered."""
        return np.where(self.base > 0, self.shares @ self.points, np.nan)

    @cached_property
    def v(self) -> Floats:
        """The variance of one answer's points: for NPS, S + D − (S − D)² (in points²)."""
        gaps = self.points - np.nan_to_num(self.theta)[:, None]
        return np.asarray((self.shares * gaps**2).sum(axis=1))

    @cached_property
    def kish(self) -> Floats:
        """Kish's effective base (Σw)²/Σw²; 0 where nobody answered."""
        squares = self.w2.sum(axis=1)
        out = np.zeros_like(squares)
        return np.asarray(np.divide(self.weight**2, squares, out=out, where=squares > 0))

    @cached_property
    def v_lin(self) -> Floats:
        """The linearised variance of the score, n/(n−1) Σ u² with u = w (y − θ)/Σw; 0 below 2."""
        gaps = self.points - np.nan_to_num(self.theta)[:, None]
        squares = (self.w2 * gaps**2).sum(axis=1)
        usable = self.base > 1
        n = np.where(usable, self.base, 2.0)
        total = np.where(usable, self.weight, 1.0)
        return np.where(usable, n / (n - 1) * squares / total**2, 0.0)
