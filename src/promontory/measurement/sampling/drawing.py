"""Drawing a sample whose inclusion probabilities are known, reproducibly, from millions.

Everybody gets a random number that depends on the seed and on their id alone; the sample of a group
is those with the smallest. That is a simple random sample without replacement (Ohlsson 1995,
"Coordination of samples using permanent random numbers"), and it is the same sample on every
engine, in whatever order the people are read.

A cap on groups (at most k of an account) is a phase of its own: first at most k are kept of each
group, at random, then the strata are drawn from those kept. Given the phase before, each phase is
a simple random sample, so the inverse of the product of both shares is an unbiased weight (the
double expansion estimator: Särndal, Swensson & Wretman 1992, "Model Assisted Survey Sampling",
section 9.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, eq=False, slots=True)
class Phase:
    """Who is left after a phase, and the factor by which each of them stands for more."""

    kept: Bools
    factor: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Strata:
    """A drawn sample: who is in it, and the inclusion probability in each stratum."""

    drawn: Bools
    probability: Floats


def priorities(ids: Ints, seed: int, phase: int = 0) -> NDArray[np.uint64]:
    """Return the random number of each id: SplitMix64 (Steele, Lea & Flood 2014), two rounds.

    Phases of one seed are independent of each other.
    """
    start = (seed + int(_GOLDEN) * (phase + 1)) % 2**64
    salt = _mixed(np.array([start], dtype=np.uint64))
    return _mixed(_mixed(ids.astype(np.uint64) + _GOLDEN) ^ salt[0])


def thinned(groups: Ints, room: Ints, random: NDArray[np.uint64], among: Bools) -> Phase:
    """Keep at most `room[g]` of each group g of those who are `among`, at random.

    A negative group is none: nobody in it is left out. Those kept of a group of n with room for k
    stand for n/k each.
    """
    kept, factor = among.copy(), np.ones(len(groups))
    grouped = np.flatnonzero(among & (groups >= 0))
    counts = np.bincount(groups[grouped], minlength=len(room))
    tight = counts > room
    rows = grouped[tight[groups[grouped]]]
    if not len(rows):
        return Phase(kept, factor)
    order = rows[np.lexsort((random[rows], groups[rows]))]
    mine = groups[order]
    starts = np.flatnonzero(np.r_[True, mine[1:] != mine[:-1]])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    kept[order[rank >= room[mine]]] = False
    factor[order] = counts[mine] / np.maximum(room[mine], 1)
    return Phase(kept, factor)


def draw(strata: Ints, wanted: Ints, random: NDArray[np.uint64], ids: Ints, among: Bools) -> Strata:
    """Draw `wanted[h]` of those of each stratum h who are `among`; no stratum gives more.

    Equal random numbers, which do not happen in practice, go by the id.
    """
    if np.any(wanted < 0):
        raise BadInput("A stratum cannot be asked for fewer than nobody.")
    drawn = np.zeros(len(strata), dtype=bool)
    rows = np.flatnonzero(among)
    counts = np.bincount(strata[rows], minlength=len(wanted))
    take = np.minimum(wanted, counts)
    probability = np.divide(take, counts, out=np.zeros(len(wanted)), where=counts > 0)
    rows = rows[np.argsort(strata[rows], kind="stable")]
    ends = np.cumsum(counts)
    for number in np.flatnonzero(take):
        mine = rows[ends[number] - counts[number] : ends[number]]
        if take[number] == counts[number]:
            drawn[mine] = True
            continue
        threshold = np.partition(random[mine], take[number] - 1)[take[number] - 1]
        drawn[mine[random[mine] < threshold]] = True
        tied = mine[random[mine] == threshold]
        missing = take[number] - np.count_nonzero(random[mine] < threshold)
        drawn[tied[np.argsort(ids[tied])[:missing]]] = True
    return Strata(drawn, probability)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        z = values
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
        return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)
