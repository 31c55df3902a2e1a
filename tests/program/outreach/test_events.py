"""What happens at a touchpoint leads to one invitation, or to a reason; and so does coming by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from promontory.errors import BadInput, NotFound
from promontory.program.customers.models import Contact, Hold
from promontory.program.ledger import actions as ledger
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions import (
    NewHold,
    ask_now,
    decide_due_events,
    set_policy,
    take_event,
)
from promontory.program.outreach.codes import Disposition as D
from promontory.program.outreach.models import (
    Clock,
    EventCase,
    Invitation,
    TouchpointEvent,
    Wave,
)
from promontory.program.outreach.queries.reconciling import reconcile
from promontory.program.outreach.rules.policy import Verdict
from promontory.program.outreach.rules.timing import asked_at
from promontory.program.surveys.models import Journey, Survey, Touchpoint

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def after_support(survey: Survey) -> Survey:
    journey = Journey.objects.create(name="Service")
    point = Touchpoint.objects.create(journey=journey, position=1, key="support", name="Support")
    survey.kind, survey.touchpoint, survey.delay_minutes = "transactional", point, 60
    survey.save()
    return survey


@pytest.fixture
def happened(after_support: Survey) -> Callable[..., TouchpointEvent]:
    def happen(contact: int, key: str = "T-1", **given: Any) -> TouchpointEvent:
        given = {"occurred_at": NOW, "by": SYSTEM, "at": NOW} | given
        return take_event("support", key=key, contact=Contact.objects.get(pk=contact), **given)

    return happen


def test_an_event_becomes_one_invitation_after_the_delay(happened: Any) -> None:
    [contact] = make_contacts(1)
    first, again = happened(contact), happened(contact)
    assert first == again
    assert decide_due_events(at=NOW + timedelta(minutes=59)) == 0
    assert decide_due_events(at=NOW + timedelta(minutes=60)) == 1
    assert decide_due_events(at=LATER) == 0
    invitation = Invitation.objects.get()
    assert (invitation.contact_id, invitation.event) == (contact, first.pk)
    assert Clock.objects.get(contact=contact).invited_at == NOW + timedelta(minutes=60)


def test_two_events_of_one_person_ask_them_once(happened: Any) -> None:
    [contact] = make_contacts(1)
    happened(contact, "T-1")
    happened(contact, "T-2")
    decide_due_events(at=LATER)
    codes = sorted(EventCase.objects.values_list("disposition", flat=True))
    assert codes == [D.HELD_REST, D.PLANNED]
    wave = Wave.objects.get()
    assert (wave.kind, wave.state) == ("event", "sending")
    assert reconcile(wave).counts == {int(D.HELD_REST): 1, int(D.PLANNED): 1}
    assert reconcile(wave).difference == 0
    assert reconcile(wave, at=LATER - timedelta(hours=1)).difference == 0


def test_each_day_is_a_wave_and_an_old_event_asks_nobody(happened: Any) -> None:
    one, two, three = make_contacts(3)
    happened(one, "T-1")
    decide_due_events(at=LATER)
    happened(two, "T-2", at=NOW + timedelta(days=1), occurred_at=NOW + timedelta(days=1))
    happened(three, "T-3", occurred_at=NOW - timedelta(days=30))
    decide_due_events(at=NOW + timedelta(days=1, hours=3))
    assert Wave.objects.count() == 2
    assert EventCase.objects.get(contact=three).disposition == D.HELD_LATE
    assert Invitation.objects.count() == 2


def test_a_hold_that_comes_with_an_event_holds_them_back(happened: Any) -> None:
    [contact] = make_contacts(1)
    happened(contact, hold=NewHold("complaint", until=NOW + timedelta(days=30)))
    happened(contact, hold=NewHold("complaint", until=NOW + timedelta(days=30)))
    decide_due_events(at=LATER)
    assert EventCase.objects.get().disposition == D.HELD_HOLD
    assert Hold.objects.count() == 1


def test_who_has_no_address_is_not_reachable(happened: Any) -> None:
    [contact] = make_contacts(1)
    Contact.objects.update(email_index=None)
    happened(contact)
    decide_due_events(at=LATER)
    assert EventCase.objects.get().disposition == D.UNREACHABLE


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"key": " "}, BadInput),
        ({"attributes": {"a": {"b": 1}}}, BadInput),
        ({"attributes": {str(n): n for n in range(51)}}, BadInput),
        ({"attributes": {"ends_at": "tomorrow"}}, BadInput),
        ({"occurred_at": NOW + timedelta(days=900)}, BadInput),
    ],
)
def test_what_makes_no_sense_is_refused_whole(
    happened: Any, given: dict[str, Any], error: type[Exception]
) -> None:
    [contact] = make_contacts(1)
    with pytest.raises(error):
        happened(contact, **given)
    assert not TouchpointEvent.objects.exists()


def test_an_unknown_touchpoint_is_refused(survey: Survey) -> None:
    [contact] = make_contacts(1)
    with pytest.raises(NotFound, match="nowhere"):
        take_event("nowhere", key="1", contact=Contact.objects.get(pk=contact),
                   occurred_at=NOW, by=SYSTEM, at=NOW)  # fmt: skip


TOKYO = ZoneInfo("Asia/Tokyo")
QUIET = (datetime(2026, 1, 1, 20).time(), datetime(2026, 1, 1, 8).time())


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        # 12:00 UTC is 21:00 in Tokyo: not at night, but the next morning.
        (None, "2026-05-05T08:00+09:00"),
        ("2026-05-09T10:00:00+09:00", "2026-05-09T11:00+09:00"),
        ("2026-05-09T10:00", "2026-05-09T11:00+09:00"),
        ("2026-05-09", "2026-05-10T08:00+09:00"),
        # An end that is over when the event comes does not move it back.
        ("2026-01-01", "2026-05-05T08:00+09:00"),
    ],
)
def test_a_stay_is_asked_about_at_its_end_and_by_day(ends: str | None, expected: str) -> None:
    asked = asked_at(NOW, ends, timedelta(hours=1), TOKYO, QUIET)
    assert asked == datetime.fromisoformat(expected).astimezone(UTC)


def test_who_comes_by_is_asked_once_and_the_question_waits_for_them(survey: Survey) -> None:
    [pk] = make_contacts(1)
    contact = Contact.objects.get(pk=pk)
    first = ask_now(survey, contact, "in_app", by="site:1", at=NOW)
    again = ask_now(survey, contact, "in_app", by="site:1", at=NOW + timedelta(minutes=1))
    assert isinstance(first, Invitation)
    assert first == again
    assert first.disposition == D.DELIVERED
    verdict = ask_now(survey, contact, "in_app", by="site:1", at=NOW + timedelta(days=2))
    assert verdict == Verdict(
        D.HELD_REST, int((NOW + timedelta(days=30)).timestamp()), "rest_invited"
    )
    waves = {w.day: reconcile(w).counts for w in Wave.objects.all()}
    assert list(waves.values()) == [{int(D.HELD_REST): 1}, {int(D.DELIVERED): 1}]


def test_coming_by_again_and_again_writes_once_a_day(
    survey: Survey, django_assert_max_num_queries: Any
) -> None:
    set_policy({"cap_person": 0}, by=SYSTEM, at=NOW)
    [pk] = make_contacts(1)
    contact = Contact.objects.get(pk=pk)
    for minute in range(5):
        ask_now(survey, contact, "in_app", by="s", at=NOW + timedelta(minutes=minute))
    assert EventCase.objects.count() == 1
    with django_assert_max_num_queries(16):
        ask_now(survey, contact, "in_app", by="s", at=NOW + timedelta(minutes=9))


def test_a_share_of_those_who_come_by_stands_for_all(survey: Survey) -> None:
    people = Contact.objects.in_bulk(make_contacts(200))
    asked = [ask_now(survey, c, "in_app", share=0.25, by="s", at=NOW) for c in people.values()]
    invited = [one for one in asked if isinstance(one, Invitation)]
    assert 25 <= len(invited) <= 78  # four standard deviations
    assert {one.weight for one in invited} == {4_000_000}
    later = [ask_now(survey, c, "in_app", share=0.25, by="s", at=LATER) for c in people.values()]
    assert [isinstance(a, Invitation) for a in asked] == [isinstance(b, Invitation) for b in later]
    assert reconcile(Wave.objects.get()).counts[int(D.NOT_DRAWN)] == 200 - len(invited)


def test_an_erased_person_leaves_their_dispositions_and_nothing_else(happened: Any) -> None:
    [pk] = make_contacts(1)
    event = happened(pk, attributes={"order": "Anna's sofa"})
    decide_due_events(at=LATER)
    person = Contact.objects.get(pk=pk).person_id
    ledger.erase(person, by="system", at=LATER)
    event.refresh_from_db()
    assert (event.attributes, event.key) == ({}, f"erased:{event.pk}")
    wave = Wave.objects.get()
    assert reconcile(wave).counts == {int(D.CANCELLED): 1}
    assert reconcile(wave).difference == 0
