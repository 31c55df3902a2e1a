"""Tiers instead of ranks: who is above or below the others by more than chance.

A segment is compared with all the others together; over all segments the false-discovery rate is
held. What is too small to say anything of is not placed at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from promontory.measurement.estimate import Estimate
from promontory.measurement.gates.precision import MINIMUM
from promontory.measurement.inference.difference import Difference, differences
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.multiplicity import benjamini_hochberg
from promontory.measurement.inference.one_score import intervals
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally


class Tier(StrEnum):
    """Where a segment stands against the others."""

    ABOVE = "above the others"
    AMONG = "no detectable difference"
    BELOW = "below the others"
    UNRANKED = "too few answers"


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment with its estimate, its difference to all others, and its tier."""

    name: str
    tier: Tier
    estimate: Estimate
    to_others: Difference
    adjusted_p: float | None


def tiers(
    segments: Mapping[str, Tally],
    metric: Metric | str = NPS,
    *,
    false_discovery: float = 0.05,
    minimum_base: int = MINIMUM,
) -> list[Placed]:
    """Place segments in tiers, best tier first; within a tier alphabetically, never by score.

    `segments` must not overlap. Those below `minimum_base` come last and are not tested.
    """
    metric = get(metric)
    if not segments:
        return []
    names = list(segments)
    total = sum(segments.values(), Tally())
    own = Cells.of_tallies(metric, list(segments.values()))
    others = Cells.of_tallies(metric, [_others(total, segments[name]) for name in names])
    changes = differences(others, own)
    estimates = intervals(own)
    small = own.base < minimum_base
    p_values = changes.p_value.copy()
    p_values[small] = float("nan")
    adjusted = benjamini_hochberg(p_values)
    placed = []
    for i, name in enumerate(names):
        found = adjusted[i] <= false_discovery
        tier = Tier.UNRANKED if small[i] else Tier.AMONG
        if found:
            tier = Tier.ABOVE if changes.value[i] > 0 else Tier.BELOW
        p_value = None if adjusted[i] != adjusted[i] else float(adjusted[i])
        placed.append(Placed(name, tier, estimates[i], changes[i], p_value))
    order = list(Tier)
    return sorted(placed, key=lambda p: (order.index(p.tier), p.name))


def _others(total: Tally, own: Tally) -> Tally:
    # Float weights leave dust where nobody is left; people are whole, so they decide.
    n = {a: c - own.n.get(a, 0) for a, c in total.n.items()}
    left = [a for a, c in n.items() if c]
    w = {a: total.w[a] - own.w.get(a, 0) for a in left}
    w2 = {a: total.w2[a] - own.w2.get(a, 0) for a in left}
    return Tally(n, w, w2)
