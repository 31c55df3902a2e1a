"""The backend behind Django's tasks interface: jobs in the application database.

    TASKS = {"default": {"BACKEND": "promontory.jobs.backend.DatabaseBackend"}}

A job is a row inserted in the transaction that wants it: rolled back with it, or there for good.
"""

from __future__ import annotations

from typing import Any

from promontory.jobs import actions, results, running
from promontory.jobs.compat import (
    BaseTaskBackend,
    Task,
    TaskResult,
    TaskResultDoesNotExist,
    task_enqueued,
)
from promontory.jobs.models import Job


class DatabaseBackend(BaseTaskBackend):
    """Jobs in the application database; any queue name is valid unless QUEUES lists them."""

    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, {"QUEUES": [], **params})

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Insert the job into the present transaction."""
        self.validate_task(task)
        job = actions.enqueue(task, args=args, kwargs=kwargs, at=running.now())
        assert job is not None, "only a key can be taken"
        result = results.of(job)
        task_enqueued.send_robust(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """Return the present state of a job."""
        job = Job.objects.filter(pk=result_id).first() if result_id.isdecimal() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return results.of(job)
