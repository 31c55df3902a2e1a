"""Handing work of the sending to the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string

from promontory.jobs import actions as jobs

SEND_LANE = "promontory.program.outreach.tasks.send_lane"


def later(name: str, *, at: datetime, **given: Any) -> None:
    """Enqueue one of this context's tasks within the present transaction."""
    # Named, not imported: tasks are doors, and doors stand above the actions they open.
    jobs.enqueue(import_string(f"promontory.program.outreach.tasks.{name}"), kwargs=given, at=at)
