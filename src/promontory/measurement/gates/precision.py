"""The precision gate: too few answers or too wide an interval is greyed and never ranked."""

from __future__ import annotations

from dataclasses import dataclass

from promontory.measurement.estimate import Estimate, number

# Below this base a raw score is never ranked.
MINIMUM = 30
# The widest interval still shown at full strength, as a share of the metric's range: 40 points
# of NPS, which is what 100 answers bring at worst.
WIDEST = 0.2


@dataclass(frozen=True, slots=True)
class Precision:
    """Whether an estimate is precise enough to be ranked, and if not, why."""

    enough: bool
    reason: str = ""


def precision(
    estimate: Estimate, *, minimum_base: int = MINIMUM, widest: float | None = None
) -> Precision:
    """Judge an estimate by its base and by the width of its interval (in points).

    `widest` defaults to a fifth of the metric's range. An imprecise estimate is drawn lighter
    and takes no part in tiers.
    """
    if estimate.width is None:
        return Precision(False, "No answers.")
    if estimate.base < minimum_base:
        return Precision(False, f"Only {estimate.base} answers; {minimum_base} are needed.")
    floor, ceiling = estimate.metric.bounds
    limit = WIDEST * (ceiling - floor) if widest is None else widest
    if estimate.width > limit:
        places = estimate.metric.decimals
        width = number(estimate.width, places)
        return Precision(
            False, f"The interval is {width} {estimate.metric.unit} wide; {limit:g} is the limit."
        )
    return Precision(True)
