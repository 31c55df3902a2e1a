"""What can have happened in asking, for those who react to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageHeard:
    """A customer has written to us, or pressed keys; the message itself is kept encrypted.

    `message` is the number of its `OutboxMessage`, to be opened by `queries.outbox.opened`.
    """

    message: int
    channel: str
