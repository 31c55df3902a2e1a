"""A wave goes out: once to each, at their hours, and stops when it is told to."""

from __future__ import annotations

import pytest

from tests.program.outreach.sending.waves import a_wave, dispositions, people, start, work

pytestmark = pytest.mark.django_db


def test_a_wave_without_a_sender_is_kept_in_the_outbox() -> None:
    from promontory.program.outreach.models import Delivery, OutboxMessage
    from promontory.program.outreach.queries.outbox import opened

    wave = a_wave(people(3))
    start(wave)
    work()
    assert dispositions(wave) == {"SENT": 3}
    assert Delivery.objects.filter(state="sent", run="").count() == 3
    kept = opened(OutboxMessage.objects.order_by("pk")[0].pk)
    assert kept.said["to"] == "customer0@example.org"
    assert "Customer 0" in kept.said["text"]
    assert "?score=10" in kept.said["html"]
    assert kept.said["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
