"""A disposition changes in one way, is kept as a history, and answers beat all."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from promontory.program.outreach.actions import clocks_touched, dispose
from promontory.program.outreach.codes import OPEN, VOID, Disposition
from promontory.program.outreach.models import Clock, DispositionChange, Invitation, Wave
from promontory.program.outreach.rules.dispositions import may_become

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(survey: Any) -> Invitation:
    [contact] = make_contacts(1)
    wave = Wave.objects.create(
        survey=survey, kind="drawn", name="W", created_at=NOW, created_by="system"
    )
    clocks_touched([contact], invited=NOW)
    return Invitation.objects.create(
        wave=wave, contact_id=contact, channel=1, due_at=NOW, changed_at=NOW
    )


def test_a_change_is_kept_with_its_reason(invitation: Invitation) -> None:
    changed = dispose([invitation.pk], Disposition.SENT, why="handed over", by="system", at=NOW)
    invitation.refresh_from_db()
    [row] = DispositionChange.objects.all()
    assert changed == 1
    assert invitation.disposition == Disposition.SENT
    assert (row.was, row.now, row.why, row.at, row.by) == (30, 31, "handed over", NOW, "system")


def test_saying_it_twice_changes_nothing(invitation: Invitation) -> None:
    dispose([invitation.pk], Disposition.SENT, by="system", at=NOW)
    assert dispose([invitation.pk, invitation.pk], Disposition.SENT, by="system", at=NOW) == 0
    assert DispositionChange.objects.count() == 1


def test_a_late_bounce_does_not_undo_an_answer(invitation: Invitation) -> None:
    dispose([invitation.pk], Disposition.ANSWERED, by="system", at=NOW)
    for late in (Disposition.UNDELIVERABLE, Disposition.OPTED_OUT, Disposition.NO_ANSWER):
        assert dispose([invitation.pk], late, by="system", at=NOW) == 0
    invitation.refresh_from_db()
    assert invitation.disposition == Disposition.ANSWERED


def test_from_wherever_it_was_sent_to_an_answer_may_come() -> None:
    for was in Disposition:
        closed = was in VOID or was in {Disposition.NOT_DRAWN, Disposition.ANSWERED}
        assert may_become(was, Disposition.ANSWERED) == (not closed)
    assert all(may_become(was, Disposition.ANSWERED) for was in OPEN)


def test_nothing_becomes_planned_again_and_no_void_one_comes_back() -> None:
    assert not any(may_become(was, Disposition.PLANNED) for was in Disposition)
    assert not any(may_become(was, now) for was, now in product(VOID, Disposition))


def test_who_was_not_asked_after_all_has_the_clock_of_before(invitation: Invitation) -> None:
    earlier = Wave.objects.create(
        survey=invitation.wave.survey, kind="drawn", name="E", created_at=NOW, created_by="system"
    )
    before = NOW - timedelta(days=90)
    Invitation.objects.create(
        wave=earlier,
        contact_id=invitation.contact_id,
        channel=1,
        due_at=before,
        invited_at=before,
        changed_at=before,
        disposition=Disposition.NO_ANSWER,
    )
    dispose([invitation.pk], Disposition.CANCELLED, by="system", at=NOW)
    assert Clock.objects.get().invited_at == before


def test_clocks_run_apart_and_are_never_set_back(invitation: Invitation) -> None:
    whom = [invitation.contact_id]
    clocks_touched(whom, invited=NOW - timedelta(days=1), answered=NOW + timedelta(hours=1))
    clock = Clock.objects.get()
    assert clock.invited_at == NOW
    assert clock.answered_at == NOW + timedelta(hours=1)
    assert (clock.shown_at, clock.dismissed_at) == (None, None)


def test_thousands_take_a_handful_of_statements(
    survey: Any, django_assert_max_num_queries: Any
) -> None:
    wave = Wave.objects.create(
        survey=survey, kind="drawn", name="W", created_at=NOW, created_by="system"
    )
    made = Invitation.objects.bulk_create(
        [
            Invitation(wave=wave, contact_id=pk, channel=1, due_at=NOW, changed_at=NOW)
            for pk in make_contacts(400)
        ]
    )
    with django_assert_max_num_queries(6):
        assert dispose([i.pk for i in made], Disposition.SENT, by="system", at=NOW) == 400


def test_of_one_person_under_an_anonymous_promise_no_answer_is_told() -> None:
    from promontory.program.outreach.rules.dispositions import told_of_one

    told = {each: told_of_one(each, promise="anonymous") for each in Disposition}
    answering = {"SHOWN", "CLICKED", "PARTIAL", "ANSWERED", "QUARANTINED", "NO_ANSWER"}
    assert {each.name for each, now in told.items() if each != now} == answering
    assert all(told_of_one(each, promise="confidential") == each for each in Disposition)
