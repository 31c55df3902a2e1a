"""The bell of this process: rung when work was committed, so that no idle worker sleeps on.

It is a courtesy, not a hand-off: a worker that missed it finds the work at its next look.
"""

from __future__ import annotations

import threading

from django.db import transaction

_condition = threading.Condition()
_rung = 0


def ring() -> None:
    """Wake every worker of this process."""
    global _rung
    with _condition:
        _rung += 1
        _condition.notify_all()


def ring_at_commit() -> None:
    """Wake every worker of this process once the present transaction is committed."""
    transaction.on_commit(ring, robust=True)


def heard() -> int:
    """Return how often the bell has rung; hand it to `wait` to miss no ring in between."""
    return _rung


def wait(since: int, *, seconds: float) -> None:
    """Sleep until the bell has rung more often than `since`, or the seconds are over."""
    with _condition:
        _condition.wait_for(lambda: _rung != since, timeout=seconds)
