"""Shrinkage: small cells drawn towards their parent, as strongly as the data warrant.

The answers of a cell are taken as multinomial with shares from a Dirichlet distribution around
the parent's mix; its strength (in answers) is estimated from how much the cells differ beyond
chance. The raw score and the base are always shown beside the shrunk one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.estimate import Estimate
from promontory.measurement.inference.effective import effective_base
from promontory.measurement.inference.jeffreys import dirichlet_interval
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.one_score import intervals
from promontory.measurement.inference.special import log_gamma
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]

WEAKEST, STRONGEST = 0.5, 1e6


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A cell's raw estimate beside its shrunk score (points) and interval.

    `own_part` is how much of the shrunk score is the cell's own (0…1); the rest is the parent.
    """

    name: str
    raw: Estimate
    value: float
    low: float
    high: float
    own_part: float


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """All cells, and the strength of the parent in answers (large: the cells are all alike)."""

    cells: tuple[Shrunk, ...]
    strength: float
    parent: Estimate


def shrink(
    segments: Mapping[str, Tally], metric: Metric | str = NPS, *, level: float = 0.95
) -> Shrinkage:
    """Draw each segment's score towards that of all together; refuse fewer than two segments.

    A segment without answers gets the parent's score, and says so by its base of 0.
    """
    metric = get(metric)
    if sum(tally.base > 0 for tally in segments.values()) < 2:
        raise BadInput("Shrinkage needs at least two segments with answers.")
    cells = Cells.of_tallies(metric, list(segments.values()))
    parent = Cells.of_tallies(metric, [sum(segments.values(), Tally())])
    star = effective_base(cells)
    counts = cells.shares * star[:, None]
    mix = parent.shares[0]
    strength = _strength(counts, mix)
    alpha = counts + strength * mix
    value = (alpha @ cells.points) / alpha.sum(axis=1)
    low, high = dirichlet_interval(np.maximum(alpha, 1e-6), cells.points, level)
    raw = intervals(cells, level=level)
    rows = tuple(
        Shrunk(
            name,
            raw[i],
            float(value[i]),
            float(min(low[i], value[i])),
            float(max(high[i], value[i])),
            float(star[i] / (star[i] + strength)),
        )
        for i, name in enumerate(segments)
    )
    return Shrinkage(rows, strength, intervals(parent, level=level)[0])


def _strength(counts: Floats, mix: Floats) -> float:
    """Maximise the Dirichlet-multinomial likelihood over the strength, on a logarithmic scale."""
    used = mix > 0
    counts, mix = counts[:, used], mix[used]
    low, high = np.log(WEAKEST), np.log(STRONGEST)
    golden = (np.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = _likelihood(left, counts, mix), _likelihood(right, counts, mix)
    for _ in range(60):
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = _likelihood(left, counts, mix)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = _likelihood(right, counts, mix)
    return float(np.exp((low + high) / 2))


def _likelihood(log_strength: float, counts: Floats, mix: Floats) -> float:
    strength = np.exp(log_strength)
    total = counts.sum(axis=1)
    own = log_gamma(counts + strength * mix) - log_gamma(strength * mix)
    return float((own.sum(axis=1) - log_gamma(total + strength) + log_gamma(strength)).sum())
