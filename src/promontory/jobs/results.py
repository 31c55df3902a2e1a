"""A job as Django's tasks interface shows it."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

from promontory.errors import Broken
from promontory.jobs.compat import Task, TaskError, TaskResult, TaskResultStatus
from promontory.jobs.models import Job, State

_STATUS = {
    State.READY: TaskResultStatus.READY,
    State.RUNNING: TaskResultStatus.RUNNING,
    State.DONE: TaskResultStatus.SUCCESSFUL,
}


def task_of(job: Job) -> Task[..., Any]:
    """Return the task a job names, or say that this version of the product has none such."""
    try:
        task = import_string(job.task)
    except ImportError as error:
        raise Broken(
            f"There is no task “{job.task}” in this version; retry the job after the next update "
            "or discard it."
        ) from error
    if not isinstance(task, Task):
        raise Broken(f"“{job.task}” is not declared as a task; discard the job.")
    return task


def of(job: Job) -> TaskResult[Any]:
    """Return a job as a task result."""
    task = task_of(job).using(priority=job.priority, queue_name=job.queue, run_after=job.run_after)
    result: TaskResult[Any] = TaskResult(
        task=task,
        id=str(job.pk),
        status=_STATUS.get(State(job.state), TaskResultStatus.FAILED),
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        last_attempted_at=job.last_attempted_at,
        args=job.args,
        kwargs=job.kwargs,
        backend=task.backend,
        errors=[
            TaskError(exception_class_path=entry["class"], traceback=entry["traceback"])
            for entry in job.errors
        ],
        worker_ids=list(job.worker_ids),
    )
    object.__setattr__(result, "_return_value", job.result)  # as Django's own backends do
    return result
