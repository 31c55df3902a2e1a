"""Background work of follow-up: each takes ids, makes one call, and may run twice."""

from __future__ import annotations

from datetime import timedelta

from promontory.channels.contract import NotSent
from promontory.jobs import Retry, running, task
from promontory.program.followup import actions


@task(priority=20)
def open_case(
    response: int, survey: int, metric: str, score: int, is_test: bool, is_partial: bool
) -> None:
    """Open the case of a low score; the event's fields, of which the response and score matter."""
    actions.open_case(response, score=score, is_partial=is_partial, at=running.now())


@task(atomic=False, priority=20)
def tell_owner(case_id: int) -> None:
    """Mail the owner of a case."""
    try:
        actions.tell_owner(case_id, at=running.now())
    except NotSent as failure:
        if failure.permanent:
            raise
        raise Retry(str(failure), after=timedelta(seconds=failure.retry_after or 30)) from failure
