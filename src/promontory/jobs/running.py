"""What a task may say and ask while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from promontory.jobs import leases
from promontory.jobs.errors import Cancelled, Interrupted, LeaseLost


@dataclass(frozen=True, slots=True)
class Running:
    """The job this thread is running, under which fence and by whose clock."""

    job: int
    fence: int
    atomic: bool
    lease: timedelta
    clock: Callable[[], datetime]
    stopping: Callable[[], bool]


current: ContextVar[Running | None] = ContextVar("running job", default=None)


def now() -> datetime:
    """Return the present instant by the clock of the running job; outside one, the real one."""
    running = current.get()
    return running.clock() if running else timezone.now()


def progress(done: int, total: int | None = None, note: str = "") -> None:
    """Record how far the running job has come, for pages to show, and prolong its lease.

    Raises when the job was cancelled, has been lost, or should stop because its worker does; a
    task lets that through. Does nothing when the function is called directly, not as a job.
    """
    running = current.get()
    if running is None:
        return
    _hold(running, progress_done=done, progress_total=total, progress_note=note[:300])
    _heed(running)


@contextmanager
def checkpoint() -> Iterator[None]:
    """A slice of a task that is not atomic: a transaction that commits only while the job is ours.

    A worker that was thought dead, and whose job another has taken over, gets `LeaseLost` instead
    of a commit. Called directly, not as a job, it is a plain transaction.
    """
    running = current.get()
    if running:
        _heed(running)
    with transaction.atomic():
        yield
        if running:
            _hold(running)


def _hold(running: Running, **fields: object) -> None:
    until = running.clock() + running.lease
    if not leases.held(running.job, running.fence).update(lease_until=until, **fields):
        raise LeaseLost(f"Job {running.job} belongs to another worker by now.")


def _heed(running: Running) -> None:
    if leases.held(running.job, running.fence).filter(cancel_asked=True).exists():
        raise Cancelled(f"Job {running.job} was cancelled.")
    if not running.atomic and running.stopping():
        raise Interrupted("The worker is stopping.")
