"""What asking has to know beside the contacts: holds, who was asked when, who is promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from promontory.program.outreach.codes import PUSHED, VOID, Disposition
from promontory.program.outreach.queries.columns import literal, second, whole
from promontory.program.outreach.rules.many import freed, room
from promontory.program.outreach.rules.policy import ALWAYS, NEVER, Policy
from promontory.program.surveys.models import Survey

Ints = NDArray[np.int64]
_VOID = ",".join(str(int(d)) for d in sorted(VOID))
_WAITING = (
    f"(i.invited_at IS NULL AND i.disposition = {int(Disposition.PLANNED)} "
    f"AND i.channel IN ({','.join(map(str, PUSHED))}))"
)


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """A value for some keys, ascending; everybody else has the default."""

    keys: Ints
    values: Ints
    default: int

    def of(self, keys: Ints) -> Ints:
        if not len(self.keys):
            return np.full(len(keys), self.default, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.values[place], self.default)


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """What is known beside the contacts themselves: holds, who was asked when, who is promised.

    `waiting` is when those are asked whose invitation is still to go out: now at the earliest.
    """

    held: Kept
    held_account: Kept
    first: Kept
    waiting: Kept
    survey_invited: Kept
    person_free: Kept
    account_free: Kept
    household_free: Kept
    account_room: Kept
    household_room: Kept


def known_beside(survey: Survey, policy: Policy, at: datetime) -> Known:
    """Read what a survey's frame is judged by beside the contacts themselves."""
    now = second(at)
    held, held_account = _holds(at)
    contact, account, household, times, reminders, reminded, mine, first, waiting = _asked(
        survey, policy, at
    )
    # A reminder is one more request; where only the last is dated, all count as late as that one.
    again = np.where(reminded == ALWAYS, times, reminded)
    requests = np.r_[times, np.repeat(again, reminders)]

    def capped(whose: Ints, cap: int | None, days: int) -> tuple[Kept, Kept]:
        keys = np.r_[whose, np.repeat(whose, reminders)]
        known = keys != ALWAYS
        found, number = np.unique(keys[known], return_inverse=True)
        free = freed(number, requests[known], cap, days, len(found))
        left = room(number, requests[known], cap or 0, days, len(found), at=now)
        # Somebody never asked has no row here: a cap of nobody holds for them all the same.
        return (
            Kept(found, free, NEVER if cap == 0 else ALWAYS),
            Kept(found, left, cap or 0),
        )

    person_free, _ = capped(contact, policy.cap_person, policy.cap_person_days)
    account_free, account_room = capped(account, policy.cap_account, policy.cap_account_days)
    household_free, household_room = capped(
        household, policy.cap_household, policy.cap_household_days
    )
    return Known(
        held=held,
        held_account=held_account,
        first=_latest(contact[first == 1], times[first == 1]),
        waiting=_latest(contact[waiting == 1], times[waiting == 1]),
        survey_invited=_latest(contact[mine == 1], times[mine == 1]),
        person_free=person_free,
        account_free=_none_for_nobody(account_free),
        household_free=_none_for_nobody(household_free),
        account_room=account_room,
        household_room=household_room,
    )


def _none_for_nobody(kept: Kept) -> Kept:
    """Who is in no account, or no household, is under no cap of one."""
    return Kept(np.r_[ALWAYS, kept.keys], np.r_[ALWAYS, kept.values], kept.default)


def _asked(survey: Survey, policy: Policy, at: datetime) -> list[Ints]:
    """Return everything asked of anybody that a rule could still count."""
    spans = [
        days
        for cap, days in (
            (policy.cap_person, policy.cap_person_days),
            (policy.cap_account, policy.cap_account_days),
            (policy.cap_household, policy.cap_household_days),
            (policy.cadence_days, policy.cadence_days),
        )
        if cap is not None and days is not None
    ]
    since = literal(at - timedelta(days=max(spans, default=0)))
    soon = literal(at + timedelta(days=policy.priority_days))
    planned = int(Disposition.PLANNED)
    now = literal(at)
    # What waits (for its start, for the end of a pause) goes out now or later: not when it was due.
    asked = (
        f"CASE WHEN {_WAITING} AND i.due_at < {now} THEN {now} "
        "ELSE COALESCE(i.invited_at, i.due_at) END"
    )
    return whole(
        f"SELECT i.contact_id, c.account_id, c.household, {asked}, i.reminders, i.reminded_at, "
        f"CASE WHEN w.survey_id = {survey.pk} THEN 1 ELSE 0 END, "
        f"CASE WHEN i.disposition = {planned} AND s.priority < {survey.priority} "
        f"AND i.due_at > {now} AND i.due_at <= {soon} THEN 1 ELSE 0 END, "
        f"CASE WHEN {_WAITING} THEN 1 ELSE 0 END "
        "FROM outreach_invitation i JOIN customers_contact c ON c.id = i.contact_id "
        "JOIN outreach_wave w ON w.id = i.wave_id JOIN surveys_survey s ON s.id = w.survey_id "
        f"WHERE i.disposition NOT IN ({_VOID}) AND NOT w.is_test "
        f"AND (COALESCE(i.invited_at, i.due_at) > {since} OR i.reminded_at > {since} "
        f"OR {_WAITING})",
        9,
        instants=(3, 5),
    )


def _holds(at: datetime) -> tuple[Kept, Kept]:
    """Return until when a hold stands on each contact and on each account."""
    now = literal(at)
    standing = (
        f"h.lifted_at IS NULL AND h.starts_at <= {now} AND (h.ends_at IS NULL OR h.ends_at > {now})"
    )
    on_contact, ends = whole(
        f"SELECT h.contact_id, h.ends_at FROM customers_hold h "
        f"WHERE h.contact_id IS NOT NULL AND {standing} UNION ALL "
        "SELECT s.contact_id, h.ends_at FROM customers_hold h "
        f"JOIN customers_stake s ON s.account_id = h.account_id WHERE {standing}",
        2,
        instants=(1,),
    )
    on_account, account_ends = whole(
        f"SELECT h.account_id, h.ends_at FROM customers_hold h "
        f"WHERE h.account_id IS NOT NULL AND {standing}",
        2,
        instants=(1,),
    )
    return _latest(on_contact, _open_end(ends)), _latest(on_account, _open_end(account_ends))


def _open_end(ends: Ints) -> Ints:
    return np.where(ends == ALWAYS, NEVER, ends)


def _latest(keys: Ints, values: Ints) -> Kept:
    """Keep the greatest value of each key."""
    order = np.lexsort((values, keys))
    keys, values = keys[order], values[order]
    last = np.r_[keys[1:] != keys[:-1], True][: len(keys)]
    return Kept(keys[last], values[last], ALWAYS)
