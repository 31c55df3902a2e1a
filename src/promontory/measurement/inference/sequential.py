"""Looking every day without fooling oneself: always-valid intervals and p-values.

Normal-mixture confidence sequences (Robbins 1970; Johari et al. 2022): however often one looks,
and whenever one stops, the chance of ever calling a change that is none stays below 1 − level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt

from promontory.errors import BadInput
from promontory.measurement.inference.difference import Difference
from promontory.measurement.inference.quantiles import check_level


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the interval and p-value that stay valid over all looks so far."""

    value: float | None
    low: float | None
    high: float | None
    p_value: float
    significant: bool


def sequential(
    looks: Iterable[Difference], *, change: float | None = None, level: float = 0.95
) -> list[Look]:
    """Return always-valid verdicts on growing comparisons, oldest look first.

    `change` is the size of change worth finding, in points (default: 5 % of the metric's range);
    it tunes the power and never the validity. The p-value never rises again.
    """
    check_level(level)
    alpha = 1 - level
    if change is not None and change <= 0:
        raise BadInput("The change worth finding must be above zero.")
    verdicts: list[Look] = []
    p_value = 1.0
    for look in looks:
        if look.value is None or look.se is None:
            verdicts.append(Look(None, None, None, p_value, p_value <= alpha))
            continue
        floor, ceiling = look.metric.bounds
        prior = (change if change is not None else 0.05 * (ceiling - floor)) ** 2
        variance = look.se**2
        reach = sqrt(
            variance
            * (variance + prior)
            / prior
            * (log((variance + prior) / variance) + 2 * log(1 / alpha))
        )
        evidence = 0.5 * log((variance + prior) / variance) - look.value**2 * prior / (
            2 * variance * (variance + prior)
        )
        p_value = min(p_value, exp(min(evidence, 0.0)))
        low, high = look.value - reach, look.value + reach
        verdicts.append(Look(look.value, low, high, p_value, p_value <= alpha))
    return verdicts
