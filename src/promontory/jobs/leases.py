"""Who holds which job: each step is one conditional UPDATE, so that two can never both succeed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from promontory.jobs import rules
from promontory.jobs.errors import LeaseLost
from promontory.jobs.models import Job, State

_APPEND = {
    "sqlite": "json_insert(worker_ids, '$[#]', %s)",
    "postgresql": "worker_ids || to_jsonb(%s::text)",
}
_SKIP = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}


def waiting(queues: Sequence[str] | None) -> QuerySet[Job]:
    """Return the jobs of these queues (None: of all) that wait for their turn."""
    ready = Job.objects.filter(state=State.READY)
    return ready if queues is None else ready.filter(queue__in=queues)


def claim(
    *, queues: Sequence[str] | None, worker: str, at: datetime, lease: timedelta
) -> Job | None:
    """Take the most urgent job that is due, if any; it is this worker's until the lease ends."""
    if not waiting(queues).filter(run_after__lte=at).exists():
        return None  # a look costs no write lock
    now = connection.ops.adapt_datetimefield_value(at)
    until = connection.ops.adapt_datetimefield_value(at + lease)
    within = "" if queues is None else f"AND queue IN ({', '.join(['%s'] * len(queues))})"
    statement = f"""
        UPDATE jobs_job
           SET state = 'running', fence = fence + 1, worker = %s,
               worker_ids = {_APPEND[connection.vendor]},
               lease_until = %s, last_attempted_at = %s, started_at = COALESCE(started_at, %s)
         WHERE id = (SELECT id FROM jobs_job
                      WHERE state = 'ready' AND run_after <= %s {within}
                      ORDER BY priority DESC, run_after, id
                      LIMIT 1 {_SKIP[connection.vendor]})
        RETURNING id"""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [worker, worker, until, now, now, now, *(queues or ())])
        rows = cursor.fetchall()
        return Job.objects.get(pk=rows[0][0]) if rows else None


def held(job: int, fence: int) -> QuerySet[Job]:
    """Return the job if it still runs under this fence, else nothing."""
    return Job.objects.filter(pk=job, fence=fence, state=State.RUNNING)


def renew(running: Iterable[tuple[int, int]], *, until: datetime) -> list[int]:
    """Prolong the leases of these (job, fence) and return the jobs that were lost meanwhile."""
    return [job for job, fence in running if not held(job, fence).update(lease_until=until)]


def settle(job: int, fence: int, state: State, **fields: Any) -> None:
    """End this run of the job, unless it is no longer ours."""
    if not held(job, fence).update(state=state, lease_until=None, **fields):
        raise LeaseLost(f"Job {job} belongs to another worker by now.")


def return_expired(*, at: datetime) -> int:
    """Give back the jobs whose worker has not been heard of, and return how many there were."""
    return _return(Job.objects.filter(state=State.RUNNING, lease_until__lt=at), at=at)


def return_orphans(*, at: datetime) -> int:
    """Give back every running job; only for the sole worker of an installation, as it starts."""
    return _return(Job.objects.filter(state=State.RUNNING), at=at)


def _return(lost: QuerySet[Job], *, at: datetime) -> int:
    returned = 0
    for job, fence, losses in list(lost.values_list("pk", "fence", "losses")):
        again: dict[str, Any] = {"losses": losses + 1, "lease_until": None}
        match rules.after_loss(losses=losses + 1, at=at):
            case rules.Again(due):
                again |= {"state": State.READY, "run_after": due}
            case rules.GiveUp(reason):
                again |= {"state": State.DEAD, "reason": reason, "finished_at": at}
        # Asked anew with the fence: it may have been renewed or settled since the look.
        returned += lost.filter(pk=job, fence=fence).update(**again)
    return returned
