"""Two workers at the same wave, and a pause in the middle: everybody gets one mail."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from tests.channels.email.conftest import Box
from tests.program.outreach.sending.waves import NOW, a_wave, dispositions, people, start


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_lane_never_send_the_same_mail(sender: Any, box: Box) -> None:
    from django.db import connection

    from promontory.program.outreach.actions import sending_run

    wave = a_wave(people(60))
    start(wave)
    wave.invitations.update(due_at=NOW)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            sending_run.send_lane(wave.pk, clock=lambda: NOW, nap=lambda seconds: None)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    copies = Counter(to for _, [to], _ in box.taken)
    assert max(copies.values()) == 1
    assert len(copies) == 60
    counts = dispositions(wave)
    assert sum(counts.values()) == 60
    assert counts["SENT"] == 60
