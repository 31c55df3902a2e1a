"""One run of one claimed job, from its first line to its settlement."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from traceback import format_exception
from typing import Any

from django.db import transaction

from promontory.errors import Broken
from promontory.jobs import leases, rates, results, rules
from promontory.jobs.compat import Task, TaskContext, normalize_json, task_finished, task_started
from promontory.jobs.errors import Cancelled, Interrupted, LeaseLost
from promontory.jobs.models import Job, State, error_entry
from promontory.jobs.policy import Policy, policy_of
from promontory.jobs.running import Running, current

log = logging.getLogger("promontory.jobs")


class Ending(Enum):
    """How a run ended."""

    DONE = "done"
    AGAIN = "will be tried again"
    DEAD = "failed"
    CANCELLED = "cancelled"
    DEFERRED = "waits for its rate"
    LOST = "belongs to another worker"
    INTERRUPTED = "went back to the queue"


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one run of a job."""

    job: int
    task: str
    ending: Ending
    error: BaseException | None = None


def execute(
    job: Job,
    *,
    clock: Callable[[], datetime],
    lease: timedelta,
    stopping: Callable[[], bool] = lambda: False,
) -> Run:
    """Run a job this worker has claimed and settle it by what happened."""

    def ended(ending: Ending, error: BaseException | None = None) -> Run:
        return Run(job.pk, job.task, ending, error)

    try:
        if job.cancel_asked:
            raise Cancelled
        task = results.task_of(job)
        policy = policy_of(task)
        if (slot := _slot(job, policy, at=clock())) > clock():
            _give_back(job, due=slot, slot_booked=True)
            return ended(Ending.DEFERRED)
        running = Running(job.pk, job.fence, policy.atomic, lease, clock, stopping)
        _call(job, task, running)
    except LeaseLost as error:
        log.warning("%s", error)
        return ended(Ending.LOST, error)
    except Cancelled as error:
        return _settle(job, State.CANCELLED, ended(Ending.CANCELLED, error), at=clock())
    except Interrupted as error:
        _give_back(job, due=clock())
        return ended(Ending.INTERRUPTED, error)
    except KeyboardInterrupt:
        _give_back(job, due=clock())
        raise
    except BaseException as error:
        return _failed(job, error, at=clock())
    _announce(task_finished, job)
    return ended(Ending.DONE)


def _slot(job: Job, policy: Policy, *, at: datetime) -> datetime:
    rate = None if job.slot_booked else policy.rate_for(job.args, job.kwargs)
    return rates.book(rate, at=at) if rate else at


def _call(job: Job, task: Task[..., Any], running: Running) -> None:
    """Call the function; its effect and the word that it is done are one transaction if atomic."""
    _announce(task_started, job)
    before = current.set(running)
    try:
        with transaction.atomic() if running.atomic else nullcontext():
            context = [TaskContext(task_result=results.of(job))] if task.takes_context else []
            value = normalize_json(task.call(*context, *job.args, **job.kwargs))
            leases.settle(job.pk, job.fence, State.DONE, result=value, finished_at=running.clock())
    finally:
        current.reset(before)


def _failed(job: Job, error: BaseException, *, at: datetime) -> Run:
    failures = job.failures + 1
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    entry = error_entry(kind, "".join(format_exception(error)), at)
    kept: dict[str, Any] = {"failures": failures, "errors": [*job.errors, entry][-20:]}
    policy = _policy(job)
    match rules.after_failure(error, failures=failures, policy=policy, job=job.pk, at=at):
        case rules.Again(due):
            log.info("%s failed and is tried again at %s: %s", job, due.isoformat(), error)
            kept |= {"run_after": due, "slot_booked": False}
            return _settle(job, State.READY, Run(job.pk, job.task, Ending.AGAIN, error), **kept)
        case rules.GiveUp(reason):
            log.error("%s failed for good. %s", job, reason, exc_info=error)
            dead = Run(job.pk, job.task, Ending.DEAD, error)
            return _settle(job, State.DEAD, dead, at=at, reason=reason, **kept)


def _policy(job: Job) -> Policy:
    try:
        return policy_of(results.task_of(job))
    except Broken:
        return Policy()


def _settle(job: Job, state: State, run: Run, *, at: datetime | None = None, **fields: Any) -> Run:
    try:
        leases.settle(job.pk, job.fence, state, finished_at=at, **fields)
    except LeaseLost as error:
        log.warning("%s", error)
        return Run(job.pk, job.task, Ending.LOST, error)
    if state != State.READY:
        _announce(task_finished, job)
    return run


def _give_back(job: Job, *, due: datetime, **fields: Any) -> None:
    """Return a job that did not fail to the queue, as if this run had not been."""
    # A lease lost meanwhile is no harm: somebody else has the job already.
    ids = job.worker_ids[:-1]
    leases.held(job.pk, job.fence).update(
        state=State.READY, lease_until=None, run_after=due, worker_ids=ids, **fields
    )


def _announce(signal: Any, job: Job) -> None:
    from promontory.jobs.backend import DatabaseBackend

    if not signal.has_listeners(DatabaseBackend):
        return
    # A fresh copy at the end: the fence of the one in hand must stay what it was at the claim.
    told = job if signal is task_started else Job.objects.get(pk=job.pk)
    with suppress(Broken):
        signal.send_robust(DatabaseBackend, task_result=results.of(told))
