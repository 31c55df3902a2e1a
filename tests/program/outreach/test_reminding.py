"""A reminder is one more request: the caps count it, and may have no room for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions import set_policy
from promontory.program.outreach.actions.reminding import take_reminders
from promontory.program.outreach.actions.sending_clock import remind_due
from promontory.program.outreach.models import Delivery, Invitation, Wave
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.policies import policy_for
from promontory.program.outreach.rules.policy import may_ask
from promontory.program.surveys.actions import create_survey

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
AFTER = NOW + timedelta(days=90)


def invited(survey: Any, contacts: list[int]) -> list[int]:
    wave = Wave.objects.create(
        survey=survey, kind="drawn", name="W", created_at=NOW, created_by="t", state="sent"
    )
    return [
        Invitation.objects.create(
            wave=wave, contact_id=pk, channel=1, due_at=NOW, invited_at=NOW, changed_at=NOW,
            disposition=31,
        ).pk
        for pk in contacts
    ]  # fmt: skip


def take(ids: list[int], days: int = 3) -> frozenset[int] | None:
    with transaction.atomic():
        return take_reminders(ids, at=NOW + timedelta(days=days))


def test_a_reminder_takes_the_place_of_an_invitation(survey: Any) -> None:
    set_policy({"cap_person": 2, "cap_household": None}, by=SYSTEM, at=NOW)
    [one] = invited(survey, make_contacts(1))
    assert take([one]) == {one}
    assert take([one], days=7) == frozenset()
    kept = Invitation.objects.get()
    assert (kept.reminders, kept.reminded_at) == (1, LATER)


def test_the_reminders_of_a_household_are_counted_together(survey: Any) -> None:
    set_policy({"cap_person": None, "cap_household": 3}, by=SYSTEM, at=NOW)
    ids = invited(survey, make_contacts(2, household=5))
    assert len(take(ids) or ()) == 1


def test_without_a_cap_every_reminder_goes(survey: Any) -> None:
    set_policy({"cap_person": None, "cap_household": None}, by=SYSTEM, at=NOW)
    ids = invited(survey, make_contacts(3))
    assert take(ids) == set(ids)


def test_reminders_wait_while_a_wave_reads_who_was_asked(survey: Any) -> None:
    ids = invited(survey, make_contacts(2))
    being_drawn = Wave.objects.create(
        survey=survey, kind="drawn", name="D", created_at=NOW, created_by="t", state="drawing"
    )
    Wave.objects.update_or_create(
        survey=survey, name="W", defaults={"plan_kept": {"reminder_days": [3]}}
    )
    assert take(ids) is None
    assert remind_due(at=LATER) == 0
    assert Delivery.objects.count() == 0
    being_drawn.state = "drawn"
    being_drawn.save()
    assert remind_due(at=LATER) == 2


def test_who_waits_for_a_wave_to_go_on_is_asked_by_no_other_meanwhile(survey: Any) -> None:
    set_policy({"rest_invited": 30, "cap_person": 1, "cap_person_days": 60}, by=SYSTEM, at=NOW)
    [one] = make_contacts(1)
    paused = Wave.objects.create(
        survey=survey, kind="drawn", name="P", created_at=NOW, created_by="t", state="paused"
    )
    planned = Invitation.objects.create(
        wave=paused, contact_id=one, channel=1, due_at=NOW, changed_at=NOW
    )
    other = create_survey(name="Other", promise="identified", by=SYSTEM, at=NOW)

    def verdict() -> tuple[str, int | None]:
        policy = policy_for(other, AFTER)
        known = known_of([one], other, policy, AFTER)
        said = may_ask(known.facts(known.contacts[one], 1), policy, None, second(AFTER))
        return said.because, said.until and (said.until - second(AFTER)) // 86_400

    assert verdict() == ("rest_invited", 60)
    Invitation.objects.filter(pk=planned.pk).update(disposition=31, invited_at=NOW)
    assert verdict() == ("", 0)
