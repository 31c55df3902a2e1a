"""A wave that cannot go on just now says when it will."""

from __future__ import annotations

from datetime import timedelta

import pytest

from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries.waiting import goes_on_at
from tests.program.outreach.sending import waves

pytestmark = pytest.mark.django_db


def test_it_waits_for_those_who_sleep_and_for_its_window_and_for_nothing_else() -> None:
    # At noon in London it is ten in the evening at the other end of the clock.
    asleep = waves.a_wave(waves.people(3, zone="Etc/GMT-10"))
    assert goes_on_at(asleep, at=waves.NOW) is None, "it has not been started"
    waves.start(asleep)
    waves.work()
    asleep.refresh_from_db()
    assert goes_on_at(asleep, at=waves.NOW) == waves.later(hours=10), "at eight by their clock"
    awake = waves.a_wave([{"email": "wide.awake@example.org"}])
    awake.state = "sending"
    awake.save()
    assert goes_on_at(awake, at=waves.NOW) is None, "it is due now"
    assert goes_on_at(awake, at=waves.NOW - timedelta(hours=1)) == waves.NOW
    assert Wave.objects.count() == 2
