"""Dividing a sample among strata: equally, by size, by size and spread (Neyman 1934), for power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput

Rule = Literal["proportional", "neyman", "equal", "equal_power"]


def allocate(
    answers: int,
    sizes: Mapping[str, int],
    rule: Rule = "proportional",
    *,
    spreads: Mapping[str, float] | None = None,
    minimum: int = 0,
) -> dict[str, int]:
    """Divide `answers` among strata of the given `sizes`; whole numbers that add up.

    "neyman" and "equal_power" need `spreads`, the standard deviation of the points per stratum;
    the latter gives every stratum the same smallest detectable change, whatever its size: as the
    variance of its mean is spread²/answers, answers go by spread². No stratum gets more than it
    holds, nor fewer than `minimum` (or all it holds); what a full stratum cannot take goes to the
    others.
    """
    names = list(sizes)
    room = np.array([sizes[name] for name in names], dtype=np.int64)
    if not names or np.any(room < 0):
        raise BadInput("Every stratum needs a size of zero or more.")
    if answers < 0 or answers > room.sum():
        raise BadInput(f"{answers:,} answers cannot come from {int(room.sum()):,} people.")
    floor = np.minimum(room, minimum)
    if floor.sum() > answers:
        raise BadInput(
            f"A minimum of {minimum} per stratum takes {int(floor.sum()):,} answers.",
            remedy="Lower the minimum or ask more people.",
        )
    wanted = _appetite(rule, names, room, spreads)
    share = _filled(wanted, floor, room, answers)
    if share.sum() < answers - 0.5:
        # All who are wanted are full; the others are asked by size.
        share = _filled(np.where(wanted > 0, np.inf, room), floor, room, answers)
    return dict(zip(names, _rounded(share, room, answers).tolist(), strict=True))


def _filled(
    wanted: NDArray[np.float64], floor: NDArray[np.int64], room: NDArray[np.int64], answers: int
) -> NDArray[np.float64]:
    """Scale what is wanted, held between floor and room, until the answers are used up."""
    eager = np.isinf(wanted)
    finite = np.where(eager, 0.0, wanted)

    def at(scale: float) -> NDArray[np.float64]:
        return np.where(eager, room, np.clip(scale * finite, floor, room))

    low, high = 0.0, 1.0
    least = finite[finite > 0].min(initial=1.0)
    while at(high).sum() < answers and high * least <= room.max():
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).sum() < answers else (low, middle)
    return at(high)


def _appetite(
    rule: Rule, names: list[str], room: NDArray[np.int64], spreads: Mapping[str, float] | None
) -> NDArray[np.float64]:
    if rule == "equal":
        return np.ones(len(names))
    if rule == "proportional":
        return room.astype(np.float64)
    if rule not in ("neyman", "equal_power"):
        raise BadInput(f"There is no allocation “{rule}”.")
    if spreads is None or any(not spreads.get(name, -1.0) >= 0 for name in names):
        raise BadInput(f"The allocation “{rule}” needs the spread of every stratum.")
    spread = np.array([spreads[name] for name in names])
    wanted = room * spread if rule == "neyman" else spread**2
    return wanted if wanted.sum() > 0 else room.astype(np.float64)


def _rounded(
    share: NDArray[np.float64], room: NDArray[np.int64], answers: int
) -> NDArray[np.int64]:
    """Round by largest remainders, so that the parts add up."""
    whole = np.floor(share + 1e-9).astype(np.int64)
    while whole.sum() < answers:
        remainder = np.where(whole < room, share - whole, -np.inf)
        whole[int(np.argmax(remainder))] += 1
    return whole
