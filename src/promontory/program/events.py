"""Saying that something has happened: what follows is stored as jobs in the same transaction.

Who listens is written in one table (settings.REACTIONS); the one who says it never knows. So no
event is lost between the commit and the queue, and none is acted on that was rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from promontory.jobs import actions as jobs
from promontory.jobs.compat import Task


@dataclass(frozen=True, slots=True)
class Reaction:
    """A task that follows an event, when the event is one it cares for.

    The task gets the event's fields by name.
    """

    task: Task[..., Any]
    when: Callable[[Any], bool] = lambda event: True


def emit(event: Any, *, at: datetime) -> None:
    """Enqueue all that follows an event, a frozen dataclass of plain values."""
    table: Mapping[type, Sequence[Reaction]] = import_string(settings.REACTIONS)
    for reaction in table.get(type(event), ()):
        if reaction.when(event):
            jobs.enqueue(reaction.task, kwargs=asdict(event), at=at)
