"""How often one key or person may ask the API: a token bucket each, in this process's memory.

The rule is that of the jobs' buckets; theirs are kept in the database, which a read of the API
must not write to. With several server processes the limit holds for each of them.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from threading import Lock

from django.conf import settings

from promontory.errors import TooMany
from promontory.jobs import Rate, rules

_MOST_BUCKETS = 10_000


class Limiter:
    """The buckets of all who ask."""

    def __init__(self) -> None:
        self._booked: dict[str, datetime] = {}
        self._lock = Lock()

    def take(self, who: str, *, at: datetime) -> None:
        """Count one request, or refuse it saying when the next one is due."""
        a_minute = settings.API_REQUESTS_A_MINUTE
        if not a_minute:
            return
        rate = Rate(who, count=a_minute, per=timedelta(minutes=1), burst=max(1, a_minute // 5))
        with self._lock:
            booked = rules.next_slot(self._booked.get(who), rate=rate, at=at)
            due = rules.slot_start(booked, rate=rate)
            if due <= at:
                self._forget_idle(at)
                self._booked[who] = booked
                return
        wait = max(1, math.ceil((due - at).total_seconds()))
        raise TooMany(
            f"More than {a_minute} requests a minute.",
            retry_after=wait,
            remedy=f"Try again in {wait} s.",
        )

    def _forget_idle(self, at: datetime) -> None:
        if len(self._booked) > _MOST_BUCKETS:
            self._booked = {who: until for who, until in self._booked.items() if until > at}


limiter = Limiter()
"""The limiter of this process."""
