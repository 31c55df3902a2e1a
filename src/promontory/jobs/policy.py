"""How a task wants to be run: declared beside its function, read by the worker.

    @task(atomic=False, retries=3, rate=Rate("sms", count=10, per=timedelta(seconds=1)))
    def send(invitation_id: int) -> None: ...

Under another backend of Django's tasks the declaration is inert and the task still runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, overload

from promontory.jobs.compat import Task, django_task

P = ParamSpec("P")
T = TypeVar("T")

_ATTRIBUTE = "promontory_policy"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` starts in any `per`, after a first burst of `burst`, for one `key`."""

    key: str
    count: int
    per: timedelta
    burst: int = 1

    @property
    def interval(self) -> timedelta:
        return self.per / self.count


@dataclass(frozen=True, slots=True)
class Policy:
    """How one task is run.

    atomic   its effect and its acknowledgement are one transaction; keep such a task short.
             Without, it commits by itself in slices and must be able to resume.
    retries  how many passing failures are tried again before it becomes a dead letter
    rate     a limit, or a function of the task's arguments that gives one (None: unlimited)
    """

    atomic: bool = True
    retries: int = 8
    rate: Rate | Callable[..., Rate | None] | None = None
    first_delay: timedelta = timedelta(seconds=5)
    longest_delay: timedelta = timedelta(hours=1)

    def rate_for(self, args: list[Any], kwargs: dict[str, Any]) -> Rate | None:
        return self.rate(*args, **kwargs) if callable(self.rate) else self.rate


_DEFAULT = Policy()


def policy_of(task: Task[..., Any]) -> Policy:
    """Return how the task wants to be run; a plain Django task gets the defaults."""
    policy = getattr(task.func, _ATTRIBUTE, _DEFAULT)
    assert isinstance(policy, Policy)
    return policy


@overload
def task(function: Callable[P, T], /) -> Task[P, T]: ...
@overload
def task(
    *,
    atomic: bool = ...,
    retries: int = ...,
    rate: Rate | Callable[..., Rate | None] | None = ...,
    first_delay: timedelta = ...,
    longest_delay: timedelta = ...,
    queue_name: str = ...,
    priority: int = ...,
) -> Callable[[Callable[P, T]], Task[P, T]]: ...
def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    queue_name: str = "default",
    priority: int = 0,
    **policy: Any,
) -> Any:
    """Declare a function as a task that `.enqueue(…)` runs in the background."""

    def declare(function: Callable[..., Any]) -> Task[..., Any]:
        setattr(function, _ATTRIBUTE, Policy(**policy))
        declared: Task[..., Any] = django_task(queue_name=queue_name, priority=priority)(function)
        return declared

    return declare(function) if function else declare
