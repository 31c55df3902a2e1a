"""What happens to customers at a touchpoint: taken once, and decided on when the time has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from promontory.errors import BadInput, NotFound, Place
from promontory.jobs import running
from promontory.program.customers import actions as customers
from promontory.program.customers.models import Contact
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.actions.event_waves import invite, wave_of_day, zone_of_house
from promontory.program.outreach.actions.reserving import wait_for_turn
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import EventCase, TouchpointEvent
from promontory.program.outreach.queries.choosing import choices, first_usable
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.frame import ways_wanted
from promontory.program.outreach.queries.policies import contact_policy, policy_for
from promontory.program.outreach.rules.policy import may_ask
from promontory.program.outreach.rules.sending_hours import zone_of
from promontory.program.outreach.rules.timing import LATE, asked_at
from promontory.program.surveys.models import Survey, Touchpoint

ENDS = "ends_at"
"""The attribute by which an event says when a stay, a trip, an appointment is over."""

MOST_ATTRIBUTES = 50
FUTURE = timedelta(days=400)
_AT_ONCE = {"sqlite": 25, "postgresql": 200}


@dataclass(frozen=True, slots=True)
class NewHold:
    """A hold that comes with an event: a complaint that was made, a claim that was refused."""

    reason: str
    until: datetime | None = None
    note: str = ""


def checked_event(
    touchpoint: str,
    key: str,
    attributes: Mapping[str, Any] | None,
    *,
    occurred_at: datetime,
    at: datetime,
) -> tuple[Touchpoint, dict[str, Any]]:
    """Return the touchpoint of an event and its attributes, or refuse it, whoever it is about."""
    point = Touchpoint.objects.filter(key=touchpoint).first()
    if point is None:
        raise NotFound(f"There is no touchpoint “{touchpoint}”.", remedy="Make it on the journey.")
    return point, _checked(key, attributes, occurred_at, at)


@transaction.atomic
def take_event(
    touchpoint: str,
    *,
    key: str,
    contact: Contact,
    occurred_at: datetime,
    attributes: Mapping[str, Any] | None = None,
    hold: NewHold | None = None,
    source: str = "api",
    by: Viewer,
    at: datetime,
) -> TouchpointEvent:
    """Take what happened to a customer; every open survey of the touchpoint considers them once.

    Sent again with the same key, nothing more happens and the first one is returned. Whether they
    are asked is decided when the survey's delay is over.
    """
    by.must(Can.SEND)
    point, given = checked_event(touchpoint, key, attributes, occurred_at=occurred_at, at=at)
    there = TouchpointEvent.objects.filter(touchpoint=point, key=key).first()
    if there is not None:
        return there
    policy = contact_policy()
    quiet, zone = (
        (policy.quiet_from, policy.quiet_until),
        zone_of(contact.zone, str(zone_of_house())),
    )
    surveys = list(Survey.objects.filter(touchpoint=point, closed_at=None))
    due = {
        survey.pk: asked_at(
            occurred_at, given.get(ENDS), timedelta(minutes=survey.delay_minutes), zone, quiet
        )
        for survey in surveys
    }
    TouchpointEvent.objects.bulk_create(
        [
            TouchpointEvent(
                key=key,
                touchpoint=point,
                contact=contact,
                occurred_at=occurred_at,
                received_at=at,
                due_at=min(due.values(), default=occurred_at),
                attributes=given,
                source=source[:16],
            )
        ],
        ignore_conflicts=True,
    )
    event = TouchpointEvent.objects.get(touchpoint=point, key=key)
    EventCase.objects.bulk_create(
        [
            EventCase(event=event, contact_id=event.contact_id, survey_id=pk, due_at=when)
            for pk, when in due.items()
        ],
        ignore_conflicts=True,
    )
    if hold is not None:
        customers.place_hold(
            contact=contact,
            reason=hold.reason,
            until=hold.until,
            note=hold.note,
            source="event",
            source_key=f"event:{point.key}:{key}"[:200],
            by=by,
            at=at,
        )
    return event


def _checked(
    key: str, attributes: Mapping[str, Any] | None, occurred_at: datetime, at: datetime
) -> dict[str, Any]:
    if not key.strip() or len(key) > 200:
        raise BadInput("An event has a key of 1 to 200 characters.", place=Place(field="key"))
    if occurred_at > at + FUTURE:
        raise BadInput("This event is too far ahead.", place=Place(field="occurred_at"))
    given = dict(attributes or {})
    if len(given) > MOST_ATTRIBUTES:
        raise BadInput(
            f"An event has at most {MOST_ATTRIBUTES} attributes.", place=Place(field="attributes")
        )
    for name, value in given.items():
        plain = value is None or isinstance(value, str | int | float | bool)
        if not plain or len(str(name)) > 64 or len(str(value)) > 300:
            raise BadInput(
                f"The attribute “{str(name)[:40]}” is not a short plain value.",
                place=Place(field="attributes"),
            )
    if ENDS in given:
        given[ENDS] = str(given[ENDS])
    return given


def decide_due_events(*, at: datetime) -> int:
    """Decide on every case whose time has come: invited, or held back and why; return how many."""
    decided = 0
    while True:
        with running.checkpoint():
            wait_for_turn()
            some = _decide_some(at)
        decided += some
        if not some:
            return decided
        running.progress(decided, note="deciding on events")


def _decide_some(at: datetime) -> int:
    due = EventCase.objects.filter(disposition=None, event__isnull=False, due_at__lte=at)
    limit = _AT_ONCE[connection.vendor]
    cases = list(due.select_related("survey", "event").order_by("due_at", "pk")[:limit])
    by_survey: dict[int, list[EventCase]] = defaultdict(list)
    # The survey of the higher priority decides first, where two want the same customer now.
    for case in sorted(cases, key=lambda c: (c.survey.priority, c.due_at, c.pk)):
        by_survey[case.survey_id].append(case)
    for those in by_survey.values():
        _decide(those[0].survey, those, at)
    return len(cases)


def _decide(survey: Survey, cases: list[EventCase], at: datetime) -> None:
    policy, choice = policy_for(survey, at), choices(survey)
    known = known_of([case.contact_id for case in cases], survey, policy, at)
    wave = wave_of_day(survey, at=at)
    now = second(at)
    for case in cases:
        contact = known.contacts[case.contact_id]
        channels = choice.channels(contact.attributes)
        facts = known.facts(contact, ways_wanted(channels))
        verdict = may_ask(facts, policy, None, now)
        channel = first_usable(channels, facts)
        case.wave, case.decided_at = wave, at
        if at - case.due_at > LATE or survey.closed_at is not None:
            case.disposition = Disposition.HELD_LATE
        elif verdict.disposition is not None:
            case.disposition = verdict.disposition
        elif channel is None:
            case.disposition = Disposition.UNREACHABLE
        else:
            event = case.event_id or 0
            case.invitation = invite(wave, contact.pk, channel, event=event, at=at)
            case.disposition = Disposition.PLANNED
            known.invited(contact, at)
    EventCase.objects.bulk_update(cases, ["wave", "decided_at", "disposition", "invitation"])
