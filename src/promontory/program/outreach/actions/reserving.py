"""One place in line: who decides whom to ask does it alone, so that no two break a cap together.

On PostgreSQL it is an advisory lock, held until the transaction ends; on SQLite every transaction
that writes is alone. Whoever takes it keeps it for a fraction of a second: a big draw takes it anew
for each portion, and an event never waits longer than for one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_LOCK = 0x50524F4D_41534B  # "PROM ASK"


@contextmanager
def reserving() -> Iterator[None]:
    """Decide and write within: nobody else reserves a request meanwhile."""
    with transaction.atomic():
        wait_for_turn()
        yield


def wait_for_turn() -> None:
    """Take the place in line until the present transaction ends."""
    assert connection.in_atomic_block, "a place in line ends with its transaction"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
