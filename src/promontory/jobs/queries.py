"""What can be asked about background work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from promontory.errors import NotFound
from promontory.jobs import leases
from promontory.jobs.models import Job, State


def get(job_id: int) -> Job:
    """Return one job, with its state, progress, result and errors."""
    try:
        return Job.objects.get(pk=job_id)
    except Job.DoesNotExist:
        raise NotFound(f"There is no job {job_id}.") from None


def dead_letters() -> QuerySet[Job]:
    """Return the jobs that failed for good and await a decision, the latest first."""
    return Job.objects.filter(state=State.DEAD).order_by("-finished_at", "-id")


def counts() -> dict[str, int]:
    """Return how many jobs are in each state."""
    rows = Job.objects.order_by().values_list("state").annotate(jobs=Count("id"))
    return {str(state): 0 for state in State.values} | dict(rows)


def next_due(queues: Sequence[str] | None = None) -> datetime | None:
    """Return when the earliest waiting job of these queues is due, if any waits."""
    due: datetime | None = leases.waiting(queues).aggregate(due=Min("run_after"))["due"]
    return due
