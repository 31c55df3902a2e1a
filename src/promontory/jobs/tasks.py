"""What background work does about itself; the house's schedule says when."""

from __future__ import annotations

from datetime import timedelta

from promontory.jobs import actions
from promontory.jobs.policy import task
from promontory.jobs.running import now


@task(priority=-50)
def forget_finished_jobs(days: int = 30) -> int:
    """Delete the jobs that ended more than so many days ago; failed ones stay until discarded."""
    return actions.forget_finished(before=now() - timedelta(days=days))
