"""Which failures pass, and how long to wait for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput, TooMany
from promontory.jobs import Policy, Rate, Retry, rules

AT = datetime(2026, 3, 2, tzinfo=UTC)


class Declared(Exception):
    def __init__(self, passing: bool) -> None:
        self.passing = passing


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (Retry(), True),
        (Declared(True), True),
        (Declared(False), False),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (OperationalError(), True),
        (TooMany("slow down", retry_after=3), True),
        (ValueError(), False),
        (BadInput("no"), False),
        (SystemExit(), False),
    ],
)
def test_a_failure_passes_or_does_not(error: BaseException, passing: bool) -> None:
    assert rules.is_passing(error) is passing


@given(failures=st.integers(1, 60), job=st.integers(1, 10**9))
def test_the_delay_doubles_within_bounds(failures: int, job: int) -> None:
    policy = Policy(retries=60)
    again = rules.after_failure(Retry(), failures=failures, policy=policy, job=job, at=AT)
    assert isinstance(again, rules.Again)
    plain = min(timedelta(seconds=5) * 2 ** min(failures - 1, 30), timedelta(hours=1))
    assert plain <= again.due - AT < plain * 1.1


def test_another_sides_wish_to_be_left_alone_is_honoured() -> None:
    error = TooMany("slow down", retry_after=600)
    again = rules.after_failure(error, failures=1, policy=Policy(), job=1, at=AT)
    assert isinstance(again, rules.Again)
    assert again.due >= AT + timedelta(minutes=10)


@given(
    gaps=st.lists(st.integers(0, 30), min_size=1, max_size=60),
    count=st.integers(1, 5),
    burst=st.integers(1, 5),
)
def test_no_window_ever_holds_more_starts_than_the_rate_allows(
    gaps: list[int], count: int, burst: int
) -> None:
    rate = Rate("key", count=count, per=timedelta(seconds=60), burst=burst)
    at, booked, starts = AT, None, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        booked = rules.next_slot(booked, rate=rate, at=at)
        starts.append(max(at, rules.slot_start(booked, rate=rate)))
    for first in starts:
        window = [start for start in starts if first <= start < first + rate.per]
        assert len(window) < count + burst
