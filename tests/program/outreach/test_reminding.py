"""A reminder is one more request: the caps count it, and may have no room for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions import set_policy
from promontory.program.outreach.actions.reminding import take_reminders
from promontory.program.outreach.models import Invitation, Wave

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


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


def take(ids: list[int], days: int = 3) -> frozenset[int]:
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
    assert len(take(ids)) == 1


def test_without_a_cap_every_reminder_goes(survey: Any) -> None:
    set_policy({"cap_person": None, "cap_household": None}, by=SYSTEM, at=NOW)
    ids = invited(survey, make_contacts(3))
    assert take(ids) == set(ids)
