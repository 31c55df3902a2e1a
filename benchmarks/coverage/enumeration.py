"""True coverage by enumeration: every possible sample, with its probability, no drawing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from promontory.measurement import NPS, Metric, difference_many, score_many

Floats = NDArray[np.float64]

# Shares of detractors and of promoters, corners included.
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
# Every percent; and that with half a percent and nobody, where the intervals are at their worst.
WHOLE_PERCENTS = tuple(percent / 100 for percent in range(1, 100))
WITH_NOBODY = (0.0, 0.005, *WHOLE_PERCENTS, 1.0)


@dataclass(frozen=True)
class Coverage:
    """The worst and the mean coverage over a grid of populations, and where it was worst."""

    worst: float
    mean: float
    where: tuple[float, ...]


def populations(levels: int, shares: tuple[float, ...] = SHARES) -> Floats:
    """Return a grid of class shares, (populations, levels)."""
    if levels == 2:
        return np.array([(1 - p, p) for p in sorted({*shares, *(1 - s for s in shares)})])
    rows = [(d, 1 - d - s, s) for d, s in product(shares, shares) if d + s <= 1 + 1e-9]
    return np.clip(np.array(rows), 0.0, 1.0)


def samples(n: int, levels: int) -> Floats:
    """Return every way n answers can fall into the classes, (samples, levels)."""
    bars = combinations(range(n + levels - 1), levels - 1)
    return np.array([np.diff((-1, *bar, n + levels - 1)) - 1 for bar in bars], dtype=np.float64)


def probabilities(counts: Floats, population: Floats) -> Floats:
    """Return the multinomial probability of each sample."""
    n = int(counts[0].sum())
    factorial = np.array([lgamma(k + 1) for k in range(n + 1)])
    whole = factorial[n] - factorial[counts.astype(int)].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0, counts * np.log(population), 0.0)
    return np.exp(whole + logs.sum(axis=1))


def as_answers(counts: Floats, metric: Metric) -> Floats:
    """Return class counts as counts of answers: each class by one answer of its points."""
    wide = np.zeros((len(counts), len(metric.answers)))
    for k, points in enumerate(metric.levels):
        place = list(metric.points.values()).index(points)
        wide[:, place] = counts[:, k]
    return wide


def one_score(
    n: int,
    metric: Metric = NPS,
    *,
    method: str = "rocks-t",
    level: float = 0.95,
    shares: tuple[float, ...] = SHARES,
) -> Coverage:
    """Return the coverage of the interval of one score at a base of n."""
    counts = samples(n, len(metric.levels))
    grid = populations(len(metric.levels), shares)
    found = score_many(as_answers(counts, metric), metric, method=method, level=level)
    points = np.array(metric.levels, dtype=np.float64)
    truths = grid @ points
    cover = np.array(
        [
            probabilities(counts, p)[(found.low <= t + 1e-9) & (found.high >= t - 1e-9)].sum()
            for p, t in zip(grid, truths, strict=True)
        ]
    )
    return Coverage(float(cover.min()), float(cover.mean()), tuple(grid[cover.argmin()].tolist()))


@dataclass(frozen=True)
class Test:
    """The worst coverage over all pairs of populations, and the worst false-alarm rate."""

    worst: float
    type_one: float


def difference(
    n_before: int, n_after: int, metric: Metric = NPS, *, shares: tuple[float, ...] = SHARES
) -> Test:
    """Return the coverage and type I error of the difference of two independent groups."""
    a, b = samples(n_before, len(metric.levels)), samples(n_after, len(metric.levels))
    grid = populations(len(metric.levels), shares)
    first, second = np.repeat(np.arange(len(a)), len(b)), np.tile(np.arange(len(b)), len(a))
    wide_a, wide_b = as_answers(a, metric), as_answers(b, metric)
    found = difference_many(wide_a[first], wide_b[second], metric)
    low, high = (x.reshape(len(a), len(b)) for x in (found.low, found.high))
    of_a = np.array([probabilities(a, p) for p in grid])
    of_b = np.array([probabilities(b, p) for p in grid])
    truths = grid @ np.array(metric.levels, dtype=np.float64)
    gaps = truths[None, :] - truths[:, None]
    worst = 1.0
    for gap in np.unique(np.round(gaps, 6)):
        inside = ((low <= gap + 1e-6) & (high >= gap - 1e-6)).astype(np.float64)
        cover = of_a @ inside @ of_b.T
        worst = min(worst, float(cover[np.abs(gaps - gap) < 1e-5].min()))
    alarms = found.significant.reshape(low.shape).astype(np.float64)
    same = np.einsum("pi,ij,pj->p", of_a, alarms, of_b)
    return Test(worst, float(same.max()))
