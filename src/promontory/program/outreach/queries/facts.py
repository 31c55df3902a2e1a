"""What is known of a few people when it is decided whether to ask them: for events and the widget.

The same as `frame` reads for millions; a test holds the two together. The lists of when an account
or a household was asked are shared by its people, so that who asks several at once adds to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.db.models.functions import Coalesce

from promontory.program.customers import queries as customers
from promontory.program.customers.models import Contact
from promontory.program.outreach.codes import PUSHED, VOID, Disposition
from promontory.program.outreach.models import Clock, Invitation
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.rules.policy import NEVER, Facts, Policy
from promontory.program.surveys.models import Survey

_AT_ONCE = 2_000
_NEVER_ASKED = Clock()
_WAITING = Q(disposition=Disposition.PLANNED, invited_at=None, channel__in=PUSHED)


@dataclass(eq=False, slots=True)
class Asked:
    """When each contact, account and household was asked, as seconds since 1970."""

    contact: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    account: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    household: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, contact: Contact, at: int) -> None:
        """Count one more request."""
        self.contact[contact.pk].append(at)
        if contact.account_id is not None:
            self.account[contact.account_id].append(at)
        if contact.household is not None:
            self.household[contact.household].append(at)


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """The facts of some contacts for one survey; `asked` grows as some of them are invited."""

    contacts: dict[int, Contact]
    clocks: dict[int, Clock]
    holds: dict[int, int]
    first: dict[int, int]
    survey_invited: dict[int, int]
    asked: Asked

    def facts(self, contact: Contact, wanted: int | None) -> Facts:
        """Return what is known of one of them, for a survey that could use these ways."""
        clock = self.clocks.get(contact.pk, _NEVER_ASKED)
        return Facts(
            wanted=wanted,
            has=int(customers.reachable(contact)),
            closed=contact.closed,
            failing=contact.failing,
            has_basis=bool(contact.basis),
            invited=_seconds(clock.invited_at),
            shown=_seconds(clock.shown_at),
            answered=_seconds(clock.answered_at),
            dismissed=_seconds(clock.dismissed_at),
            survey_invited=self.survey_invited.get(contact.pk),
            held=self.holds.get(contact.pk),
            first=self.first.get(contact.pk),
            person=tuple(self.asked.contact.get(contact.pk, ())),
            account=tuple(self.asked.account.get(contact.account_id or 0, ())),
            household=tuple(
                self.asked.household.get(contact.household, ())
                if contact.household is not None
                else ()
            ),
        )

    def invited(self, contact: Contact, at: datetime) -> None:
        """Count an invitation made just now, for those of them who are decided on after."""
        now = second(at)
        self.asked.add(contact, now)
        self.survey_invited[contact.pk] = now
        clock = self.clocks.setdefault(contact.pk, Clock(contact_id=contact.pk))
        clock.invited_at = max(clock.invited_at or at, at)


def known_of(contact_ids: Collection[int], survey: Survey, policy: Policy, at: datetime) -> Known:
    """Return the facts of these contacts for a survey."""
    wanted = sorted(set(contact_ids))
    known = Known({}, {}, {}, {}, {}, Asked())
    for start in range(0, len(wanted), _AT_ONCE):
        _add(known, wanted[start : start + _AT_ONCE], survey, policy, at)
    return known


def _add(
    known: Known,
    ids: list[int],
    survey: Survey,
    policy: Policy,
    at: datetime,
) -> None:
    contacts = Contact.objects.in_bulk(ids)
    known.contacts.update(contacts)
    known.clocks.update(Clock.objects.in_bulk(ids))
    for contact, holds in customers.holds_on(ids, at).items():
        known.holds[contact] = max(
            NEVER if hold.ends_at is None else second(hold.ends_at) for hold in holds
        )
    live = _live(at)
    mine = live.filter(contact__in=ids)
    _requests(mine, known.asked.contact, "contact_id")
    for pk, asked in mine.filter(_WAITING).values_list("contact_id", "asked"):
        clock = known.clocks.setdefault(pk, Clock(contact_id=pk))
        clock.invited_at = max(clock.invited_at or asked, asked)
    for pk, asked in mine.filter(wave__survey=survey).values_list("contact_id", "asked"):
        known.survey_invited[pk] = max(second(asked), known.survey_invited.get(pk, 0))
    for pk, due in mine.filter(
        disposition=Disposition.PLANNED,
        wave__survey__priority__lt=survey.priority,
        due_at__gt=at,
        due_at__lte=at + timedelta(days=policy.priority_days),
    ).values_list("contact_id", "due_at"):
        known.first[pk] = max(second(due), known.first.get(pk, 0))
    if policy.cap_account is not None:
        accounts = {c.account_id for c in contacts.values() if c.account_id} - set(
            known.asked.account
        )
        since = at - timedelta(days=policy.cap_account_days)
        recent = live.filter(contact__account__in=accounts).filter(_after(since))
        _requests(recent, known.asked.account, "contact__account_id")
    if policy.cap_household is not None:
        households = {c.household for c in contacts.values() if c.household is not None} - set(
            known.asked.household
        )
        since = at - timedelta(days=policy.cap_household_days)
        recent = live.filter(contact__household__in=households).filter(_after(since))
        _requests(recent, known.asked.household, "contact__household")


def _live(at: datetime) -> Any:
    # What waits (for its start, for the end of a pause) goes out now or later: not when it was due.
    late = When(_WAITING & Q(due_at__lt=at), then=Value(at))
    due = Coalesce(F("invited_at"), F("due_at"))
    return (
        Invitation.objects.exclude(disposition__in=[int(d) for d in VOID])
        .filter(wave__is_test=False)
        .annotate(asked=Case(late, default=due, output_field=DateTimeField()))
    )


def _after(since: datetime) -> Q:
    return Q(asked__gt=since) | Q(reminded_at__gt=since)


def _requests(live: Any, whose: dict[int, list[int]], key: str) -> None:
    for owner, asked, reminders, reminded in live.values_list(
        key, "asked", "reminders", "reminded_at"
    ):
        whose[owner] += [second(asked), *[second(reminded or asked)] * reminders]


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else second(at)
