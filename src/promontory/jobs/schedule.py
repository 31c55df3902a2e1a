"""What happens on the clock: each due moment becomes one job, however many processes tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.db import transaction

from promontory.jobs import actions
from promontory.jobs.compat import Task
from promontory.jobs.models import ClockHand

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class When(Protocol):
    """A rhythm: it knows the last moment at which something was due."""

    def last_due(self, at: datetime) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Every:
    """At every multiple of an interval, counted from midnight UTC of 1970-01-01."""

    interval: timedelta

    def last_due(self, at: datetime) -> datetime:
        return at - (at - _EPOCH) % self.interval


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day at a wall-clock time of a zone, once also where the clocks skip or repeat it."""

    at: time
    zone: ZoneInfo

    def last_due(self, at: datetime) -> datetime:
        day = at.astimezone(self.zone).date()
        moments = (
            datetime.combine(day - timedelta(days=back), self.at, self.zone).astimezone(UTC)
            for back in range(3)
        )
        return next(moment for moment in moments if moment <= at)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule: under this name, this task at this rhythm."""

    name: str
    task: Task[..., Any]
    when: When
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def tick(entries: Iterable[Entry], *, at: datetime) -> list[str]:
    """Enqueue what has become due since the last tick of any process; return the entries' names.

    After an outage an entry is due once, for its last moment. One seen for the first time is due
    from its next moment on.
    """
    return [entry.name for entry in entries if _advance(entry, entry.when.last_due(at), at=at)]


def _advance(entry: Entry, due: datetime, *, at: datetime) -> bool:
    hand = ClockHand.objects.filter(name=entry.name)
    known = hand.values_list("due", flat=True).first()
    if known is None:
        ClockHand.objects.bulk_create([ClockHand(name=entry.name, due=due)], ignore_conflicts=True)
    if known is None or known >= due:
        return False
    with transaction.atomic():
        if not hand.filter(due__lt=due).update(due=due):
            return False
        key = f"{entry.name}@{due.isoformat()}"
        actions.enqueue(entry.task, kwargs=entry.kwargs, key=key, at=at)
    return True
