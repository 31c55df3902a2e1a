"""The arithmetic of mix shift: parts of a change, their influence, and their errors.

`decomposition` speaks to people; this computes. Segments are the last axis throughout, so that
a jackknife is the same formula on thousands of rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.measurement.inference.moments import Cells

Floats = NDArray[np.float64]

_CHUNK = 8_192


@dataclass(frozen=True, eq=False, slots=True)
class Parts:
    """Shares (0…1), scores (points) and the two parts of the change, per segment.

    A segment seen in one period only carries that period's score in both, so that its within
    part is zero and all of its effect is mix.
    """

    share_before: Floats
    share_after: Floats
    theta_before: Floats
    theta_after: Floats
    total_before: Floats
    total_after: Floats
    within: Floats
    mix: Floats


def parts_of(W0: Floats, T0: Floats, W1: Floats, T1: Floats) -> Parts:
    """Split the change from Σw, Σw·y before (0) to those after (1); segments on the last axis."""
    own0 = np.divide(T0, W0, out=np.zeros_like(T0), where=W0 > 0)
    own1 = np.divide(T1, W1, out=np.zeros_like(T1), where=W1 > 0)
    theta0, theta1 = np.where(W0 > 0, own0, own1), np.where(W1 > 0, own1, own0)
    sum0, sum1 = W0.sum(axis=-1, keepdims=True), W1.sum(axis=-1, keepdims=True)
    share0, share1 = W0 / sum0, W1 / sum1
    total0, total1 = T0.sum(axis=-1, keepdims=True) / sum0, T1.sum(axis=-1, keepdims=True) / sum1
    within = (share0 + share1) / 2 * (theta1 - theta0)
    mix = (share1 - share0) * ((theta0 + theta1) / 2 - (total0 + total1) / 2)
    return Parts(share0, share1, theta0, theta1, total0, total1, within, mix)


@dataclass(frozen=True, eq=False, slots=True)
class Influence:
    """How much one answer of a cell and level moves each part: (segments, cells, levels)."""

    within: Floats
    mix: Floats


def influences(
    parts: Parts, segment: NDArray[np.int64], points: Floats, *, after: bool
) -> Influence:
    """Return the influence of one period's answers; `segment` numbers the segment of each cell."""
    count = parts.share_before.size
    inside = (segment[None, :] == np.arange(count)[:, None]).astype(np.float64)[:, :, None]
    share, theta, total, sign = (
        (parts.share_after, parts.theta_after, parts.total_after, 1.0)
        if after
        else (parts.share_before, parts.theta_before, parts.total_before, -1.0)
    )
    both = (parts.share_before > 0) & (parts.share_after > 0)
    half = np.where(both, 0.5, 1.0)
    of_share = inside - share[:, None, None]
    scale = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    of_theta = inside * (points - theta[:, None])[:, None, :] * scale[:, None, None]
    of_total = points - total[0]
    moved = parts.share_after - parts.share_before
    middle = (parts.theta_before + parts.theta_after) / 2
    gap = middle - (parts.total_before[0] + parts.total_after[0]) / 2
    mean_share = np.where(both, (parts.share_before + parts.share_after) / 2, 0.0)

    def column(x: Floats) -> Floats:
        return x[:, None, None]

    within = 0.5 * of_share * column(parts.theta_after - parts.theta_before)
    within = within + sign * column(mean_share) * of_theta
    mix = sign * of_share * column(gap)
    mix = mix + column(moved) * (column(half) * of_theta - 0.5 * of_total)
    return Influence(within, mix)


def variance(influence: Floats, cells: Cells) -> Floats:
    """Return n/(n−1) Σ w² a² / (Σw)² for influences a shaped (…, cells, levels)."""
    n = cells.base.sum()
    squares = (influence**2 * cells.w2).sum(axis=(-2, -1))
    return np.asarray(n / max(n - 1, 1.0) * squares / cells.weight.sum() ** 2)


@dataclass(frozen=True, eq=False, slots=True)
class ClusterSegments:
    """Σ w·y and Σ w of each cluster in each segment, before and after, one row a pair.

    `cluster` and `segment` count from 0; needed when accounts answer in both periods.
    """

    cluster: NDArray[np.int64]
    segment: NDArray[np.int64]
    T_before: Floats
    W_before: Floats
    T_after: Floats
    W_after: Floats

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.cluster.max()) + 1 if self.cluster.size else 0

    def sums(self, segments: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Return W before, T before, W after, T after per segment."""
        columns = (self.W_before, self.T_before, self.W_after, self.T_after)
        return tuple(  # type: ignore[return-value]
            np.bincount(self.segment, column, segments) for column in columns
        )


def jackknife_variance(rows: ClusterSegments, segments: int) -> tuple[Floats, Floats, Floats]:
    """Return the jackknife variances of the parts, leaving out one cluster at a time.

    Three arrays: within per segment, mix per segment, and (all within, all mix).
    """
    whole = np.stack(rows.sums(segments))
    centre = parts_of(*whole)
    order = np.argsort(rows.cluster, kind="stable")
    columns = np.stack([rows.W_before, rows.T_before, rows.W_after, rows.T_after])[:, order]
    cluster, segment = rows.cluster[order], rows.segment[order]
    groups = rows.clusters
    within, mix, both = np.zeros(segments), np.zeros(segments), np.zeros(2)
    for start in range(0, groups, _CHUNK):
        size = min(_CHUNK, groups - start)
        first, last = np.searchsorted(cluster, [start, start + size])
        mine = (cluster[first:last] - start) * segments + segment[first:last]
        own = np.stack(
            [np.bincount(mine, c[first:last], size * segments) for c in columns]
        ).reshape(4, size, segments)
        rest = whole[:, None, :] - own
        # What is left of a segment that was one cluster is rounding, not answers.
        rest[np.abs(rest) < 1e-9 * np.abs(whole[:, None, :])] = 0.0
        rest[1][rest[0] <= 0] = 0.0
        rest[3][rest[2] <= 0] = 0.0
        left = parts_of(*rest)
        within += ((left.within - centre.within) ** 2).sum(axis=0)
        mix += ((left.mix - centre.mix) ** 2).sum(axis=0)
        both[0] += ((left.within.sum(axis=1) - centre.within.sum()) ** 2).sum()
        both[1] += ((left.mix.sum(axis=1) - centre.mix.sum()) ** 2).sum()
    factor = (groups - 1) / groups
    return factor * within, factor * mix, factor * both
