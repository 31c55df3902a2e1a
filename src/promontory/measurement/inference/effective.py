"""The effective base n*: how many equally weighted, independent answers would tell as much.

Every interval and test is that of a simple random sample of n* answers, with the degrees of
freedom that go with it; weights and clusters enter here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput
from promontory.measurement.clusters import ClusterTally
from promontory.measurement.inference.moments import Cells

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Clustering:
    """Per cell: the jackknife variance of the score and how many clusters it rests on.

    `frame` counts the clusters of the frame (variance), `members` those with an answer in the
    cell (degrees of freedom): in a segment only they carry information about the spread.
    """

    variance: Floats
    frame: Floats
    members: Floats

    @classmethod
    def of(cls, clusters: ClusterTally, in_frame: int | None = None) -> Clustering:
        """Take one cell."""
        cell = np.zeros(clusters.T.size, dtype=np.int64)
        frame = None if in_frame is None else np.array([in_frame])
        return jackknife(clusters.T, clusters.W, clusters.count, cell, 1, frame)


def jackknife(
    T: ArrayLike,
    W: ArrayLike,
    count: ArrayLike,
    cell: NDArray[np.int64],
    cells: int,
    in_frame: ArrayLike | None = None,
) -> Clustering:
    """Return V_jk = (G−1)/G Σ_g (θ₍₋g₎ − θ)² of many cells from distinct (T, W, count) rows.

    `cell` numbers the cell of each row. Clusters of the frame with no member in a cell leave its
    score unchanged when left out, so they only enter by their number.
    """
    T, W, count = (np.asarray(v, dtype=np.float64) for v in (T, W, count))

    def total(x: Floats) -> Floats:
        return np.bincount(cell, x, cells).astype(np.float64)

    members = total(count)
    sum_T, sum_W = total(count * T), total(count * W)
    frame = members if in_frame is None else np.asarray(in_frame, dtype=np.float64)
    if np.any(frame < members):
        raise BadInput(
            "More clusters answered than the frame holds.",
            remedy="Count every person or account of the survey, not of the segment.",
        )
    theta = np.divide(sum_T, sum_W, out=np.zeros_like(sum_T), where=sum_W > 0)
    rest = sum_W[cell] - W
    # θ₍₋g₎ − θ = −(T_g − θ W_g) / (ΣW − W_g); nothing is left when a cell has one cluster only.
    shift = np.divide(theta[cell] * W - T, rest, out=np.zeros_like(T), where=rest > 0)
    squares = total(count * shift**2)
    factor = np.divide(frame - 1, frame, out=np.zeros_like(frame), where=frame > 0)
    return Clustering(factor * squares, frame, members)


def effective_base(cells: Cells, clustering: Clustering | None = None) -> Floats:
    """Return n* per cell.

    Weighted: min(Kish, v / V_lin · n/(n−1)); equal weights give n exactly. Clustered:
    min(Kish, v / V_jackknife, n). When all answers agree (v = 0) the data cannot show how alike
    the members of a cluster are, so each cluster counts once.
    """
    n = cells.base
    if clustering is None:
        ratio = np.full_like(n, np.inf)
        usable = (cells.v_lin > 0) & (n > 1)
        np.divide(cells.v * n, cells.v_lin * (n - 1), out=ratio, where=usable)
        star = np.minimum(cells.kish, ratio)
        # Rounding must not make equal weights differ from none.
        return np.where(np.abs(star - n) <= 1e-11 * n, n, star)
    ratio = np.full_like(n, np.inf)
    np.divide(cells.v, clustering.variance, out=ratio, where=clustering.variance > 0)
    alike = (cells.v <= 0) & (n > 0)
    ratio = np.where(alike, clustering.members, ratio)
    return np.minimum(np.minimum(cells.kish, ratio), n)
