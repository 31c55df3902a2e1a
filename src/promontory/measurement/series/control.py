"""Charts that notice a small lasting drift: EWMA and CUSUM on known variances v/n.

Bases differ from period to period, so the variances are exact, not those of the textbook limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.inference import pseudo
from promontory.measurement.inference.effective import effective_base
from promontory.measurement.inference.moments import Cells
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Chart:
    """The statistic of each period, its limits, and where it left them (first index or None)."""

    statistic: Floats
    low: Floats
    high: Floats
    signals: NDArray[np.bool_]

    @property
    def first_signal(self) -> int | None:
        """The first period that signals."""
        found = np.flatnonzero(self.signals)
        return int(found[0]) if found.size else None


def ewma(
    tallies: Sequence[Tally],
    target: float,
    metric: Metric | str = NPS,
    *,
    weight: float = 0.2,
    width: float = 2.7,
) -> Chart:
    """Return the exponentially weighted mean around `target` (points) with limits ± `width` σ.

    `weight` (0…1) is that of the newest period. A period without answers leaves the mean as it
    was. With 0.2 and 2.7 a steady score signals about once in 370 periods.
    """
    if not 0 < weight <= 1 or width <= 0:
        raise BadInput("The weight is a share above 0 and up to 1, the width above 0.")
    y, known, usable = _series(tallies, metric)
    mean, variance = target, 0.0
    statistic, spread = np.empty(len(y)), np.empty(len(y))
    for t in range(len(y)):
        if usable[t]:
            mean = weight * y[t] + (1 - weight) * mean
            variance = weight**2 * known[t] + (1 - weight) ** 2 * variance
        statistic[t], spread[t] = mean, variance
    reach = width * np.sqrt(spread)
    low, high = target - reach, target + reach
    return Chart(statistic, low, high, usable & ((statistic < low) | (statistic > high)))


def cusum(
    tallies: Sequence[Tally],
    target: float,
    metric: Metric | str = NPS,
    *,
    slack: float = 0.5,
    limit: float = 5.0,
    upward: bool = False,
) -> Chart:
    """Return the one-sided CUSUM for a drop below `target` (or a rise, if `upward`), in σ.

    Each period adds its standardised shortfall less `slack`; above `limit` it signals. With 0.5
    and 5 a steady score signals about once in 900 periods, a drop of one σ within ten.
    """
    if slack < 0 or limit <= 0:
        raise BadInput("The slack is zero or more, the limit above zero.")
    y, known, usable = _series(tallies, metric)
    sign = 1.0 if upward else -1.0
    total, statistic = 0.0, np.empty(len(y))
    for t in range(len(y)):
        if usable[t]:
            total = max(0.0, total + sign * (y[t] - target) / np.sqrt(known[t]) - slack)
        statistic[t] = total
    limits = np.full(len(y), limit)
    return Chart(statistic, np.zeros(len(y)), limits, usable & (statistic > limits))


def _series(
    tallies: Sequence[Tally], metric: Metric | str
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    cells = Cells.of_tallies(get(metric), list(tallies))
    group = pseudo.adjusted(cells, effective_base(cells), pseudo.EACH_GROUP)
    return np.nan_to_num(cells.theta), group.v / (group.total - 1), cells.base > 0
