"""Response rates by the standard definitions, with their interval.

AAPOR, "Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys" (10th
edition, 2023): RR1 = I / (I + P + R + NC + O + U), RR2 = (I + P) / (the same), for I complete and P
partial answers, R refusals, NC never reached, O others, U of unknown eligibility. The interval is
Wilson's (1927).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from promontory.errors import BadInput
from promontory.measurement.inference.quantiles import check_level, normal_quantile


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """A share of those asked, between `low` and `high` at `level`; None when nobody was asked."""

    value: float | None
    low: float | None
    high: float | None
    answered: int
    asked: int
    level: float


def response_rate(
    answered: int, asked: int, *, spread: float = 1.0, level: float = 0.95
) -> ResponseRate:
    """Return the share of `asked` that has `answered`, with Wilson's interval.

    Give complete answers for RR1, complete and partial ones for RR2; `asked` counts everybody with
    a final disposition other than “not eligible”. `spread` is the dispersion φ between waves that
    were put together (`asking.dispersion`): the interval is that of asked / φ people.
    """
    check_level(level)
    if not spread >= 1:
        raise BadInput("The dispersion is 1 or more.")
    if not 0 <= answered <= asked:
        raise BadInput(f"{answered:,} of {asked:,} cannot have answered.")
    if not asked:
        return ResponseRate(None, None, None, 0, 0, level)
    z, p, n = normal_quantile(0.5 + level / 2), answered / asked, asked / spread
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n**2)) / (1 + z * z / n)
    low = 0.0 if answered == 0 else max(0.0, middle - reach)
    high = 1.0 if answered == asked else min(1.0, middle + reach)
    return ResponseRate(p, low, high, answered, asked, level)
