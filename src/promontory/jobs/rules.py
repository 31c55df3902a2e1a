"""Decisions about jobs: plain values in, plain values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from promontory.errors import TooMany
from promontory.jobs.errors import Retry
from promontory.jobs.policy import Policy, Rate

# A job whose worker vanished this often is held to be the cause of it.
MOST_LOSSES = 20

_PASSING = (ConnectionError, TimeoutError, OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Again:
    """Try the job once more at `due`."""

    due: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Make the job a dead letter; `reason` says why in a sentence."""

    reason: str


def is_passing(error: BaseException) -> bool:
    """Whether the failure may be gone by the next attempt: its attribute `passing` says so."""
    declared = getattr(error, "passing", None)
    return isinstance(error, (*_PASSING, TooMany)) if declared is None else bool(declared)


def after_failure(
    error: BaseException, *, failures: int, policy: Policy, job: int, at: datetime
) -> Again | GiveUp:
    """Decide what follows the `failures`-th failure of a job."""
    if not is_passing(error):
        return GiveUp("The failure is permanent: trying again would fail again.")
    if failures > policy.retries:
        return GiveUp(f"It was tried {failures} times and failed each time.")
    return Again(at + _delay(error, failures=failures, policy=policy, job=job))


def _delay(error: BaseException, *, failures: int, policy: Policy, job: int) -> timedelta:
    if isinstance(error, Retry) and error.after is not None:
        return error.after
    doubled = policy.first_delay * (1 << min(failures - 1, 30))
    delay = min(doubled, policy.longest_delay)
    if isinstance(error, TooMany):
        delay = max(delay, timedelta(seconds=error.retry_after))
    # Jobs that failed together must not come back together; the spread needs no chance.
    spread: float = (job * 7919 + failures * 104_729) % 1000 / 10_000
    return delay + delay * spread


def after_loss(*, losses: int, at: datetime) -> Again | GiveUp:
    """Decide what follows when the worker of a job vanished for the `losses`-th time."""
    if losses > MOST_LOSSES:
        return GiveUp(f"Its worker vanished {losses} times in the middle of it.")
    return Again(at)


def next_slot(booked_until: datetime | None, *, rate: Rate, at: datetime) -> datetime:
    """Return the new end of what is booked; the start booked by it is `slot_start` of it.

    This is the token bucket in one instant (GCRA): the bucket is full when nothing is booked
    beyond now, and each start books one interval.
    """
    return max(booked_until or at, at) + rate.interval


def slot_start(booked_until: datetime, *, rate: Rate) -> datetime:
    """Return the instant from which the start that booked up to `booked_until` is allowed."""
    return booked_until - rate.interval * rate.burst
