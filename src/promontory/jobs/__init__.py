"""Durable background work behind Django's tasks interface, on the application database.

    from promontory.jobs import task

    @task(retries=3)
    def seal(batch_id: int) -> None: ...

    seal.enqueue(batch_id=7)          # in the business transaction: rolled back with it

What is promised: a committed job is never lost; an atomic one takes effect exactly once; one that
is not atomic is resumed after its worker died; a due moment of the schedule becomes one job.
"""

from promontory.jobs.errors import Cancelled, Interrupted, LeaseLost, Retry
from promontory.jobs.policy import Policy, Rate, task

__all__ = ["Cancelled", "Interrupted", "LeaseLost", "Policy", "Rate", "Retry", "task"]
