"""The decision of `policy.may_ask` for many people at once, as arrays: for drawing from millions.

The same table of rules in the same order; a property test holds the two together row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.rules.policy import ALWAYS, DAY, NEVER, RULES, Policy

Ints = NDArray[np.int64]
_DISPOSITIONS = {rule.name: int(rule.disposition) for rule in RULES}


@dataclass(frozen=True, eq=False, slots=True)
class People:
    """As `policy.Facts`, a row a person: instants are seconds, `ALWAYS` where there is none.

    `person_free`, `household_free`, `account_free` say from when on each cap allows one more
    (see `freed`).
    """

    has: Ints
    closed: Ints
    failing: Ints
    has_basis: NDArray[np.bool_]
    invited: Ints
    shown: Ints
    answered: Ints
    dismissed: Ints
    survey_invited: Ints
    held: Ints
    first: Ints
    person_free: Ints
    household_free: Ints
    account_free: Ints

    def __len__(self) -> int:
        return len(self.has)


def judge(people: People, policy: Policy, *, wanted: int | None, at: int) -> NDArray[np.uint8]:
    """Return the disposition of each, 0 where they may be asked."""
    out = np.zeros(len(people), dtype=np.uint8)
    for name, held in _held(people, policy, wanted, at):
        out[(out == 0) & held] = _DISPOSITIONS[name]
    return out


def freed(groups: Ints, times: Ints, cap: int | None, days: int, size: int) -> Ints:
    """Return from when on a cap allows one more, for each of `size` groups.

    `times[i]` is when somebody of group `groups[i]` was asked: the cap-th last one plus the days.
    """
    out: Ints = np.full(size, ALWAYS, dtype=np.int64)
    if cap is None:
        return out
    if cap == 0:
        out[:] = NEVER
        return out
    order = np.lexsort((times, groups))
    sorted_groups, sorted_times = groups[order], times[order]
    counts = np.bincount(sorted_groups, minlength=size)
    ends = np.cumsum(counts)
    full = np.flatnonzero(counts >= cap)
    out[full] = sorted_times[ends[full] - cap] + days * DAY
    return out


def room(groups: Ints, times: Ints, cap: int, days: int, size: int, *, at: int) -> Ints:
    """Return how many more each of `size` groups may be asked now."""
    recent = groups[times + days * DAY > at]
    return np.maximum(cap - np.bincount(recent, minlength=size), 0)


def _held(
    people: People, policy: Policy, wanted: int | None, at: int
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    nobody = np.zeros(len(people), dtype=bool)
    if wanted is None:
        opted_out = unreachable = nobody
    else:
        present = people.has & wanted
        opened = present & ~people.closed
        opted_out = (present != 0) & (opened == 0)
        unreachable = (present == 0) | ((opened != 0) & (opened & ~people.failing == 0))
    held = {
        "opted_out": opted_out,
        "no_basis": ~people.has_basis if policy.needs_basis else nobody,
        "unreachable": unreachable,
        "hold": people.held > at,
        "priority": people.first > at,
        "cap_person": people.person_free > at,
        "cap_household": people.household_free > at,
        "cap_account": people.account_free > at,
    }
    clocks = (
        ("rest_answered", people.answered, policy.rest_answered),
        ("rest_dismissed", people.dismissed, policy.rest_dismissed),
        ("rest_invited", people.invited, policy.rest_invited),
        ("rest_shown", people.shown, policy.rest_shown),
        ("cadence", people.survey_invited, policy.cadence_days),
    )
    for name, clock, days in clocks:
        held[name] = nobody if days is None else clock + days * DAY > at
    for rule in RULES:
        yield rule.name, held[rule.name]


__all__ = ["Disposition", "People", "freed", "judge", "room"]
