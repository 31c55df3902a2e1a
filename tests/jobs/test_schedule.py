"""What is due on the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from promontory.jobs.models import Job
from promontory.jobs.schedule import Daily, Entry, Every, tick
from tests.jobs import sample_tasks as tasks

ROME = ZoneInfo("Europe/Rome")
MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-03-02 09:31:12", "2026-03-02 09:30"),
        ("2026-03-02 09:30:00", "2026-03-02 09:30"),
        ("2026-03-02 09:29:59.999999", "2026-03-02 09:15"),
    ],
)
def test_an_interval_is_due_at_its_multiples(at: str, due: str) -> None:
    assert Every(15 * MINUTE).last_due(utc(at)) == utc(due)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-01-10 01:29", "2026-01-09 01:30"),  # 02:30 in Rome is 01:30 UTC in winter
        ("2026-01-10 01:30", "2026-01-10 01:30"),
        ("2026-07-10 00:30", "2026-07-10 00:30"),  # and 00:30 UTC in summer
        ("2026-03-29 05:00", "2026-03-29 01:30"),  # the clocks skip 02:30: it is 03:30 then
        ("2026-10-25 05:00", "2026-10-25 00:30"),  # they show 02:30 twice: the first one counts
        ("2026-10-25 23:30", "2026-10-25 00:30"),
    ],
)
def test_a_daily_time_is_a_wall_clocks(at: str, due: str) -> None:
    assert Daily(time(2, 30), ROME).last_due(utc(at)) == utc(due)


@pytest.mark.django_db
def test_each_due_moment_becomes_one_job_and_an_outage_one_more(at: datetime) -> None:
    entries = [Entry("refresh", tasks.mark, Every(5 * MINUTE), {"n": 1})]
    assert tick(entries, at=at + MINUTE) == []  # seen for the first time: due from the next on
    assert tick(entries, at=at + 4 * MINUTE) == []
    assert tick(entries, at=at + 5 * MINUTE) == ["refresh"]
    assert tick(entries, at=at + 6 * MINUTE) == []
    assert tick(entries, at=at + 61 * MINUTE) == ["refresh"]
    assert tick(entries, at=at + 5 * MINUTE) == []  # a clock that goes back fires nothing
    assert list(Job.objects.order_by("id").values_list("key", flat=True)) == [
        "refresh@2026-03-02T09:35:00+00:00",
        "refresh@2026-03-02T10:30:00+00:00",
    ]
