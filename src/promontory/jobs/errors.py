"""What a running job may raise, and what is raised in it from outside."""

from __future__ import annotations

from datetime import timedelta


class Retry(Exception):
    """Raised by a task whose failure will pass: try again, after `after` or the usual back-off."""

    passing = True

    def __init__(self, message: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class Ended(Exception):
    """The job must stop here; a task lets this through."""


class Cancelled(Ended):
    """Somebody cancelled the job while it ran."""


class Interrupted(Ended):
    """The worker is stopping; the job goes back to the queue and resumes elsewhere."""


class LeaseLost(Ended):
    """The job belongs to another worker by now; nothing this one does may be kept."""
