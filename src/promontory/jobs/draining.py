"""Running what is due, here and now, without a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from promontory.jobs import leases
from promontory.jobs.execution import Ending, Run, execute

_LEASE = timedelta(minutes=5)


def drain(*, at: datetime, queues: Sequence[str] | None = None, raising: bool = True) -> list[Run]:
    """Run every job that is due at that instant, those they enqueue included, in this thread.

    The error of a job that fails for good is raised once it is settled, unless `raising` is off.
    Jobs that are tried again later, or wait for their rate, stay for a later instant.
    """
    runs: list[Run] = []
    while job := leases.claim(queues=queues, worker="drain", at=at, lease=_LEASE):
        run = execute(job, clock=lambda: at, lease=_LEASE)
        runs.append(run)
        if raising and run.ending is Ending.DEAD and run.error is not None:
            raise run.error
    return runs
