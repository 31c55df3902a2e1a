"""The interval of one score, for one cell or for thousands at once.

The scalar `score` is `score_many` with one row: one formula, one place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput
from promontory.measurement.clusters import ClusterTally
from promontory.measurement.estimate import Estimate
from promontory.measurement.inference import pseudo
from promontory.measurement.inference.effective import Clustering, effective_base
from promontory.measurement.inference.jeffreys import jeffreys_interval
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.quantiles import check_level, normal_quantile, t_quantile
from promontory.measurement.inference.tango import score_interval
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]

METHODS = ("rocks-t", "rocks", "score", "jeffreys")
RANDOM_SAMPLE = (
    "The interval takes the {n:,} respondents for a random sample of the population of {N:,}."
)


@dataclass(frozen=True, eq=False, slots=True)
class Estimates:
    """Scores of many cells as arrays; NaN where nobody answered. Fields as in Estimate."""

    value: Floats
    low: Floats
    high: Floats
    base: NDArray[np.int64]
    effective_base: Floats
    se: Floats
    df: Floats
    level: float
    method: str
    metric: Metric

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index: int) -> Estimate:
        def figure(array: Floats) -> float | None:
            value = float(array[index])
            return None if np.isnan(value) else value

        return Estimate(
            value=figure(self.value),
            low=figure(self.low),
            high=figure(self.high),
            base=int(self.base[index]),
            effective_base=float(self.effective_base[index]),
            level=self.level,
            method=self.method,
            metric=self.metric,
            se=figure(self.se),
            df=figure(self.df),
        )


def score_many(
    n: ArrayLike,
    metric: Metric | str = NPS,
    *,
    w: ArrayLike | None = None,
    w2: ArrayLike | None = None,
    level: float = 0.95,
    method: str = "rocks-t",
    clustering: Clustering | None = None,
    population: ArrayLike | None = None,
) -> Estimates:
    """Return the scores and intervals of many cells.

    `n`, `w`, `w2` are shaped (cells, answers), answers in the order of `metric.answers`;
    `clustering` comes from `jackknife` over the same cells; `population` (per cell) applies the
    finite-population correction 1 − n/N and takes respondents for a random sample.
    """
    metric = get(metric)
    return intervals(
        Cells.of(metric, n, w, w2),
        level=level,
        method=method,
        clustering=clustering,
        population=population,
    )


def score(
    tally: Tally,
    metric: Metric | str = NPS,
    *,
    level: float = 0.95,
    method: str = "rocks-t",
    clusters: ClusterTally | None = None,
    clusters_in_frame: int | None = None,
    population: int | None = None,
) -> Estimate:
    """Return the score of a tally with its interval.

    `method`: "rocks-t" (default; Rocks's adjusted Wald with Student's t), "rocks" (its normal
    form), "score" (Tango's, Wilson's for two-valued metrics), "jeffreys" (Dirichlet ½).
    `clusters` allows for several answers of one person or account; in a segment,
    `clusters_in_frame` says how many the whole survey has. `population` applies the
    finite-population correction and prints its assumption; never use it for a census that some
    did not answer. An empty tally has the value None.
    """
    metric = get(metric)
    clustering = None if clusters is None else Clustering.of(clusters, clusters_in_frame)
    if clusters is not None and clusters.clusters == 0 and tally.base > 0:
        raise BadInput("The tally has answers, but its cluster tally is empty.")
    estimate = intervals(
        Cells.of_tallies(metric, [tally]),
        level=level,
        method=method,
        clustering=clustering,
        population=None if population is None else [population],
    )[0]
    notes = []
    if population is not None:
        notes.append(RANDOM_SAMPLE.format(n=tally.base, N=population))
    if clusters is not None and clusters.clusters == 1:
        notes.append("All answers come from one cluster: they cannot show their own precision.")
    members = None if clusters is None else clusters.clusters
    return _noted(estimate, members, population, tuple(notes))


def _noted(
    estimate: Estimate, clusters: int | None, population: int | None, notes: tuple[str, ...]
) -> Estimate:
    return replace(estimate, clusters=clusters, population=population, notes=notes)


def intervals(
    cells: Cells,
    *,
    level: float = 0.95,
    method: str = "rocks-t",
    clustering: Clustering | None = None,
    population: ArrayLike | None = None,
) -> Estimates:
    """Return the estimates of prepared cells; see `score_many`."""
    check_level(level)
    if method not in METHODS:
        raise BadInput(f"There is no interval “{method}”.", remedy=f"Known: {', '.join(METHODS)}.")
    star = effective_base(cells, clustering)
    spare = _spare(cells.base, population)
    with_pseudo = pseudo.adjusted(cells, star, pseudo.ONE_SCORE)
    se = np.sqrt(with_pseudo.v / with_pseudo.total * spare)
    df = star + 2 if clustering is None else np.maximum(clustering.members - 1, 0.0)
    if method in ("score", "jeffreys"):
        _only_infinite(population, method)
        interval = score_interval if method == "score" else jeffreys_interval
        return _bounded(cells, *interval(cells, star, level), star, se, df, level, method)
    reach = np.full_like(se, normal_quantile(0.5 + level / 2))
    if method == "rocks-t":
        reach = t_quantile(0.5 + level / 2, np.maximum(df, 1.0))
    # A census has no error left, so the pull of the pseudo-counts fades with the correction.
    raw = np.nan_to_num(cells.theta)
    centre = raw + (with_pseudo.centre - raw) * spare
    return _bounded(cells, centre - reach * se, centre + reach * se, star, se, df, level, method)


def _only_infinite(population: ArrayLike | None, method: str) -> None:
    if population is not None:
        raise BadInput(
            f"The “{method}” interval knows no finite population.", remedy="Use “rocks-t”."
        )


def _spare(base: Floats, population: ArrayLike | None) -> Floats:
    """Return 1 − n/N, or 1 without a population."""
    if population is None:
        return np.ones_like(base)
    size = np.broadcast_to(np.asarray(population, dtype=np.float64), base.shape)
    if np.any(size < base):
        raise BadInput("There are more respondents than people in the population.")
    return 1 - np.divide(base, size, out=np.zeros_like(base), where=size > 0)


def _bounded(
    cells: Cells,
    low: Floats,
    high: Floats,
    star: Floats,
    se: Floats,
    df: Floats,
    level: float,
    method: str,
) -> Estimates:
    """Clip to the scale, keep the raw score inside, and blank what has no answers."""
    floor, ceiling = cells.metric.bounds
    value = cells.theta
    # One cluster alone says nothing of its own spread: the whole scale is possible.
    blind = df < 1
    low = np.where(blind, floor, np.minimum(np.clip(low, floor, ceiling), value))
    high = np.where(blind, ceiling, np.maximum(np.clip(high, floor, ceiling), value))
    empty = cells.base == 0

    def shown(x: Floats) -> Floats:
        return np.where(empty, np.nan, x)

    return Estimates(
        value=value,
        low=shown(low),
        high=shown(high),
        base=np.rint(cells.base).astype(np.int64),
        effective_base=star,
        se=shown(np.where(blind, np.nan, se)),
        df=shown(df),
        level=level,
        method=method,
        metric=cells.metric,
    )
