"""Under an anonymous promise nothing that is kept tells by its order whose an answer is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from promontory.program.answering.rules.patience import COMPANY, PATIENCE, may_settle
from tests.program.answering.conftest import NOW, Invited, invite, make_survey
from tests.program.answering.test_hosted import hidden

pytestmark = pytest.mark.django_db


def test_who_has_company_waits_no_longer_and_who_has_none_not_for_ever() -> None:
    assert may_settle(COMPANY, NOW, NOW)
    assert not may_settle(COMPANY - 1, NOW, NOW + PATIENCE - timedelta(seconds=1))
    assert may_settle(1, NOW, NOW + PATIENCE)


def answered(client: Client, people: int) -> list[Invited]:
    survey = make_survey(promise="anonymous")
    found = [invite(survey, email=f"{n}@example.org") for n in range(people)]
    for n, one in enumerate(found):
        page = client.get(f"{one.link}?score={n}")
        client.post(one.link, {**hidden(page), "q-recommend": str(n), "page": "1"})
    return found


def test_a_few_answers_wait_for_company(client: Client, settled: Callable[..., int]) -> None:
    from promontory.program.responses.models import Response

    answered(client, COMPANY - 1)
    settled()
    assert not Response.objects.exists()
    settled(minutes=11)
    assert Response.objects.count() == COMPANY - 1


def test_neither_order_nor_instants_tell_whose_an_answer_is(
    client: Client, settled: Callable[..., int]
) -> None:
    from promontory.program.outreach.codes import Disposition
    from promontory.program.outreach.models import Clock, DispositionChange
    from promontory.program.responses.models import Answer

    people = answered(client, 10)
    settled()
    scores = list(Answer.objects.order_by("response").values_list("value", flat=True))
    changes = DispositionChange.objects.filter(now=Disposition.ANSWERED).order_by("pk")
    assert sorted(scores) == list(range(10))
    # By chance in one of 3,628,800 runs.
    assert scores != list(range(10))
    assert [c.invitation_id for c in changes] == sorted(one.invitation.pk for one in people)
    day = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert {change.at for change in changes} == {day}
    assert set(Clock.objects.values_list("answered_at", flat=True)) == {day}
    assert {one.disposition.name for one in people} == {"ANSWERED"}


def test_nobody_answers_before_they_were_invited(
    client: Client, settled: Callable[..., int]
) -> None:
    survey, now = make_survey(promise="anonymous"), timezone.now()
    one = invite(survey)
    one.invitation.invited_at = now
    one.invitation.save()
    client.post(one.link, {"q-recommend": "7", "page": "1"})
    settled(minutes=11)
    assert one.invitation.changes.order_by("-pk")[0].at == now
