"""What can be done to jobs from outside: enqueue, cancel, retry, discard, forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from promontory.errors import Conflict, NotFound
from promontory.jobs import bell
from promontory.jobs.compat import Task, normalize_json
from promontory.jobs.models import Job, State


def enqueue(
    task: Task[..., Any],
    *,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    key: str | None = None,
    at: datetime,
) -> Job | None:
    """Insert a job into the present transaction.

    With a `key`, return None when a job of that key was ever enqueued before.
    """
    job = Job(
        task=task.module_path,
        args=normalize_json(list(args)),
        kwargs=normalize_json(dict(kwargs or {})),
        queue=task.queue_name,
        priority=task.priority,
        key=key,
        enqueued_at=at,
        run_after=max(task.run_after or at, at),
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        if key is None:
            raise
        return None
    bell.ring_at_commit()
    return job


def cancel(job_id: int, *, by: str, at: datetime) -> None:
    """Cancel a job: at once while it waits, at its next sign of progress while it runs."""
    asked = {"cancel_asked": True, "decided_by": by}
    if _of(job_id, State.READY).update(state=State.CANCELLED, finished_at=at, **asked):
        return
    if not _of(job_id, State.RUNNING).update(**asked):
        raise _too_late(job_id, "cancelled")


def retry(job_id: int, *, by: str, at: datetime) -> None:
    """Give a failed or cancelled job a fresh start, with all its retries."""
    fresh = {"failures": 0, "losses": 0, "reason": "", "cancel_asked": False, "slot_booked": False}
    ended = _of(job_id, State.DEAD, State.CANCELLED)
    if not ended.update(state=State.READY, run_after=at, finished_at=None, decided_by=by, **fresh):
        raise _too_late(job_id, "retried")
    bell.ring_at_commit()


def discard(job_id: int, *, by: str, at: datetime) -> None:
    """Put a failed job aside for good; it stays readable until finished jobs are forgotten."""
    if not _of(job_id, State.DEAD).update(state=State.DISCARDED, finished_at=at, decided_by=by):
        raise _too_late(job_id, "discarded")


def forget_finished(*, before: datetime) -> int:
    """Delete the jobs that ended before that instant and return how many; failed ones stay."""
    ended = (State.DONE, State.CANCELLED, State.DISCARDED)
    return Job.objects.filter(state__in=ended, finished_at__lt=before).delete()[0]


def _of(job_id: int, *states: State) -> QuerySet[Job]:
    return Job.objects.filter(pk=job_id, state__in=states)


def _too_late(job_id: int, verb: str) -> Conflict | NotFound:
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return NotFound(f"There is no job {job_id}.")
    return Conflict(f"Job {job_id} is {job.get_state_display()} and cannot be {verb}.")
