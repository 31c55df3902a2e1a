"""How Promontory says no.

    PromontoryError
    ├── Refusal            what was asked cannot be done, and what to do instead; a person caused it
    │   ├── BadInput       a file, row, field or argument is wrong; names where and the remedy
    │   ├── NotAllowed     the viewer's role does not permit it
    │   ├── NotFound       there is no such thing (or the viewer may not know of it)
    │   ├── Conflict       it was right once, but something else has happened since
    │   └── TooMany        slow down; says when to try again
    └── Broken             the installation itself is at fault; `promontory doctor` says more

Every message is a sentence the reader can act on. Anything else that is raised is a bug.
"""

from __future__ import annotations

from dataclasses import dataclass


class PromontoryError(Exception):
    """The root of all that Promontory raises on purpose."""


class Refusal(PromontoryError):
    """What was asked cannot be done; the message says what to do instead."""

    status = 400
    slug = "refused"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input something is wrong; row counts from 1, the header being row 1."""

    row: int | None = None
    field: str = ""
    file: str = ""

    def __str__(self) -> str:
        parts = [self.file]
        parts += [f"row {self.row}"] if self.row is not None else []
        parts += [f"column “{self.field}”"] if self.field else []
        return ", ".join(part for part in parts if part)


class BadInput(Refusal):
    """A file, row, field or argument is wrong; `place` names where."""

    status = 422
    slug = "bad-input"

    def __init__(self, message: str, *, remedy: str = "", place: Place | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.place = place or Place()

    def __str__(self) -> str:
        where = str(self.place)
        return f"{where}: {super().__str__()}" if where else super().__str__()


class NotAllowed(Refusal):
    """The viewer's role does not permit this."""

    status = 403
    slug = "not-allowed"


class NotFound(Refusal):
    """There is no such thing, or the viewer may not know of it."""

    status = 404
    slug = "not-found"


class Conflict(Refusal):
    """It cannot be done because of what has happened meanwhile."""

    status = 409
    slug = "conflict"


class TooMany(Refusal):
    """Too many requests; try again after `retry_after` seconds."""

    status = 429
    slug = "too-many"

    def __init__(self, message: str, *, retry_after: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class Broken(PromontoryError):
    """The installation is at fault, not the person who asked."""
