"""From a frame that was judged to a sample: how many of each stratum, and who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.sampling import (
    allocate,
    answers_for_width,
    draw,
    expected_half_width,
    priorities,
    thinned,
)
from promontory.program.outreach.codes import WEIGHT_ONE, Disposition
from promontory.program.outreach.rules.frames import DRAWN

Ints = NDArray[np.int64]

ALLOCATIONS = {
    "proportional": "By size",
    "neyman": "By size and spread (Neyman)",
    "equal": "The same number each",
    "equal_power": "The same detectable change each",
}
"""How a sample is divided among the strata."""

MOST_STRATA = 2_000
_ACCOUNT, _HOUSEHOLD, _STRATUM = 0, 1, 2  # the phases of a seed, each with its random numbers


@dataclass(frozen=True, slots=True)
class Plan:
    """A sampling plan as far as it decides who is drawn; `spreads` and `metric` come with it."""

    strata: Sequence[str] = ()
    allocation: str = "proportional"
    is_census: bool = False
    size: int | None = None
    half_width: float | None = None
    minimum_per_stratum: int = 0
    expected_rate: float | None = None
    channels: Sequence[str] = ("email",)
    metric: str = "nps"

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Plan:
        """Return the plan kept as JSON; fields of another purpose are left out."""
        return cls(**{f.name: kept[f.name] for f in fields(cls) if f.name in kept})


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """A frame after the policy has judged it: `disposition` is 0 for those who may be asked.

    `account` and `household` are numbers from 0 on (−1: none, or no cap), with how many more of
    each may be asked; `stratum` counts from 0 on.
    """

    ids: Ints
    disposition: NDArray[np.uint8]
    channel: NDArray[np.uint8]
    stratum: NDArray[np.uint16]
    account: Ints
    account_room: Ints
    household: Ints
    household_room: Ints
    labels: tuple[str, ...] = ("Everybody",)
    codes: tuple[dict[str, int], ...] = ({},)


@dataclass(frozen=True, eq=False, slots=True)
class StratumDrawn:
    """What became of one stratum; `left` are the eligible for whom the caps leave room."""

    label: str
    codes: dict[str, int]
    size: int
    eligible: int
    left: int
    wanted: int
    drawn: int

    @property
    def probability(self) -> float | None:
        return self.drawn / self.eligible if self.eligible else None


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """A drawn frame: a disposition for everybody, a weight for those drawn, and the strata."""

    disposition: NDArray[np.uint8]
    weight: Ints
    strata: tuple[StratumDrawn, ...]
    eligible: int
    thinned_by_account: int
    thinned_by_household: int
    notes: tuple[str, ...]

    @property
    def drawn(self) -> int:
        return sum(stratum.drawn for stratum in self.strata)


def drawn(
    frame: Frame, plan: Plan, *, seed: int, spreads: Mapping[int, float] | None = None
) -> Sample:
    """Draw the sample of a plan from a judged frame: the same for the same seed and frame.

    At most as many of an account and of a household as the caps leave room for, at random; then
    from each stratum a simple random sample of those left. The base weight is the inverse of the
    product of the shares, so it is the true one for each person.
    """
    may = frame.disposition == 0
    strata = frame.stratum.astype(np.int64)
    number = len(frame.labels)
    accounts = thinned(
        frame.account, frame.account_room, priorities(frame.ids, seed, _ACCOUNT), may
    )
    households = thinned(
        frame.household,
        frame.household_room,
        priorities(frame.ids, seed, _HOUSEHOLD),
        accounts.kept,
    )
    left = np.bincount(strata[households.kept], minlength=number)
    eligible = np.bincount(strata[may], minlength=number)
    wanted, notes = sizes(plan, eligible, left, spreads)
    chosen = draw(strata, wanted, priorities(frame.ids, seed, _STRATUM), frame.ids, households.kept)
    disposition = frame.disposition.copy()
    disposition[may] = int(Disposition.NOT_DRAWN)
    disposition[chosen.drawn] = DRAWN
    factor = accounts.factor[chosen.drawn] * households.factor[chosen.drawn]
    weight = np.rint(WEIGHT_ONE * factor / chosen.probability[strata[chosen.drawn]])
    size = np.bincount(strata, minlength=number)
    made = np.bincount(strata[chosen.drawn], minlength=number)
    return Sample(
        disposition=disposition,
        weight=weight.astype(np.int64),
        strata=tuple(
            StratumDrawn(
                label,
                frame.codes[h],
                int(size[h]),
                int(eligible[h]),
                int(left[h]),
                int(wanted[h]),
                int(made[h]),
            )
            for h, label in enumerate(frame.labels)
        ),
        eligible=int(eligible.sum()),
        thinned_by_account=int(may.sum() - accounts.kept.sum()),
        thinned_by_household=int(accounts.kept.sum() - households.kept.sum()),
        notes=notes,
    )


def sizes(
    plan: Plan, eligible: Ints, left: Ints, spreads: Mapping[int, float] | None = None
) -> tuple[Ints, tuple[str, ...]]:
    """Return how many to draw of each stratum, and what is to be said about it.

    `left` are the eligible after the caps; no stratum with somebody left goes without a chance, as
    long as there are as many invitations as strata.
    """
    there = int(left.sum())
    if plan.is_census or not there:
        return left.copy(), ()
    total, notes = _total(plan, int(eligible.sum()), there)
    filled = int(np.count_nonzero(left))
    minimum = plan.minimum_per_stratum
    if total >= filled:
        minimum = max(minimum, 1)
    else:
        notes += (f"{total:,} invitations cannot reach all {filled:,} strata.",)
    if int(np.minimum(left, minimum).sum()) > total:
        raise BadInput(
            f"A minimum of {minimum:,} per stratum takes more than the {total:,} invitations.",
            remedy="Lower the minimum, ask more people, or use fewer strata.",
        )
    rule, spread = plan.allocation, None
    if rule in ("neyman", "equal_power"):
        spread, said = _spreads(len(left), spreads)
        notes += said
    made = allocate(
        total,
        {str(h): int(n) for h, n in enumerate(left)},
        rule,  # type: ignore[arg-type]
        spreads=spread,
        minimum=minimum,
    )
    return np.array([made[str(h)] for h in range(len(left))], dtype=np.int64), notes


def _total(plan: Plan, eligible: int, there: int) -> tuple[int, tuple[str, ...]]:
    if plan.size is not None:
        wanted = plan.size
    elif plan.half_width is not None:
        if plan.expected_rate is None:
            raise BadInput(
                "How many to invite for that precision depends on how many answer.",
                remedy="Give the response rate you expect.",
            )
        needed = answers_for_width(
            plan.half_width,
            plan.metric,
            population=eligible,
            response_rate=plan.expected_rate,
        )
        wanted = needed.invitations or needed.answers
    else:
        raise BadInput(
            "The plan does not say how many to invite.",
            remedy="Give a number, a wanted precision, or ask everybody.",
        )
    if wanted <= there:
        return wanted, ()
    return there, (f"{wanted:,} invitations are wanted, and {there:,} people can be asked.",)


def _spreads(
    number: int, given: Mapping[int, float] | None
) -> tuple[dict[str, float], tuple[str, ...]]:
    known = {h: s for h, s in (given or {}).items() if s > 0}
    if not known:
        return dict.fromkeys(map(str, range(number)), 1.0), (
            "There are no earlier answers by stratum: all are taken to spread alike.",
        )
    typical = sum(known.values()) / len(known)
    missing = number - len(known)
    said = f"{missing} of {number} strata have no earlier answers: they are taken as the others."
    return {str(h): known.get(h, typical) for h in range(number)}, (said,) if missing else ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a drawn sample promises: answers, and how far the interval will reach either way."""

    answers: float | None
    half_width: float | None


def expected(
    drawn_of: Sequence[int],
    eligible_of: Sequence[int],
    rate: float | None,
    metric: str,
    *,
    spread: float | None = None,
) -> Expected:
    """Return what strata with so many drawn of so many promise together at a response rate.

    Unequal probabilities cost precision: by Kish's design effect, n Σ d² / (Σ d)².
    """
    asked = sum(drawn_of)
    if rate is None or not asked:
        return Expected(None, None)
    weights = [n / m for n, m in zip(eligible_of, drawn_of, strict=True) if m]
    taken = [m for m in drawn_of if m]
    first = sum(m * d for m, d in zip(taken, weights, strict=True))
    second = sum(m * d * d for m, d in zip(taken, weights, strict=True))
    answers = asked * rate
    if answers < 1:
        return Expected(answers, None)
    reach = expected_half_width(
        answers,
        metric,
        spread=spread,
        design_effect=max(1.0, asked * second / first**2),
        population=sum(eligible_of),
    )
    return Expected(answers, reach)
