"""Work of drawing for later: a job stored in the business transaction that wants it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from promontory.jobs import actions as jobs


def later(name: str, *, at: datetime, **given: Any) -> str:
    """Enqueue a task of this context in the present transaction and return the job's number."""
    # Named, not imported: tasks are doors, and doors stand above the actions they open.
    task = import_string(f"promontory.program.outreach.tasks.{name}")
    job = jobs.enqueue(task, kwargs=given, at=at)
    return str(job.pk) if job else ""
