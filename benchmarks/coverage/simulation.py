"""Coverage where enumeration ends: weights, repeated people, accounts, means of many points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from promontory.measurement import CES, NPS, Metric, jackknife, score_many
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.one_score import intervals

Floats = NDArray[np.float64]

MIXES = ((0.2, 0.3, 0.5), (0.05, 0.15, 0.8), (0.45, 0.1, 0.45), (0.02, 0.08, 0.9))


def weighted(n: int, sigma: float, mix: tuple[float, ...], *, runs: int, seed: int) -> float:
    """Return the coverage with lognormal weights, half of whose spread depends on the answer."""
    rng = np.random.default_rng(seed)
    level = rng.choice(3, size=(runs, n), p=mix)
    # The answer moves the mean weight, so that the weighted score is another than the raw one.
    tilt = np.array([0.8, 1.0, 1.2])
    w = tilt[level] * np.exp(sigma * rng.standard_normal((runs, n)) - sigma**2 / 2)
    true_shares = np.array(mix) * tilt
    truth = true_shares @ np.array(NPS.levels) / true_shares.sum()
    sums = [
        np.stack([(x * (level == k)).sum(axis=1) for k in range(3)], axis=1)
        for x in (np.ones_like(w), w, w * w)
    ]
    found = intervals(Cells(NPS, *sums))
    return float(((found.low <= truth) & (found.high >= truth)).mean())


def accounts(groups: int, size: int, alike: float, *, runs: int, seed: int) -> float:
    """Return the coverage with `groups` accounts of 1…2·size−1 people, intraclass `alike`."""
    rng = np.random.default_rng(seed)
    mix = np.array(MIXES[0])
    held = np.zeros((runs, groups, 3))
    sizes = rng.integers(1, 2 * size, size=(runs, groups))
    common = rng.choice(3, size=(runs, groups), p=mix)
    # Each answer is the account's own with probability √alike: correlation `alike` within.
    for member in range(2 * size - 1):
        own = rng.choice(3, size=(runs, groups), p=mix)
        answer = np.where(rng.random((runs, groups)) < np.sqrt(alike), common, own)
        present = member < sizes
        for k in range(3):
            held[:, :, k] += present & (answer == k)
    points = np.array(NPS.levels, dtype=np.float64)
    cell = np.repeat(np.arange(runs), groups)
    T, W = (held @ points).ravel(), held.sum(axis=2).ravel()
    clustering = jackknife(T, W, np.ones(T.size), cell, runs)
    counts = held.sum(axis=1)
    found = intervals(Cells(NPS, counts, counts, counts), clustering=clustering)
    truth = mix @ points
    return float(((found.low <= truth) & (found.high >= truth)).mean())


def means(n: int, metric: Metric = CES, *, runs: int, seed: int, populations: int) -> float:
    """Return the worst coverage of a mean over random populations, some of them very uneven."""
    rng = np.random.default_rng(seed)
    worst = 1.0
    for i in range(populations):
        evenness = (0.1, 0.3, 1.0, 3.0)[i % 4]
        p = rng.dirichlet(np.full(len(metric.answers), evenness))
        found = score_many(rng.multinomial(n, p, size=runs), metric)
        truth = p @ metric.vector
        worst = min(worst, float(((found.low <= truth) & (found.high >= truth)).mean()))
    return worst
