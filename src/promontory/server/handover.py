"""How the command line gets background work done: by the running server, else by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.jobs.locks import WriterLock
from promontory.program.ledger import actions as ledger

POLL_SECONDS = 0.3


def work_until(is_done: Callable[[], bool]) -> None:
    """Return once `is_done()`; what is waiting is worked here unless another process does.

    On SQLite the process that holds the writer's lock (the server) does the work; without one this
    process takes the lock. On PostgreSQL both may work: a job is claimed by one of them only.
    """
    lock = WriterLock(settings.HOME.lock)
    is_sqlite = connection.vendor == "sqlite"
    try:
        while not is_done():
            if is_sqlite and not lock.try_acquire():
                time.sleep(POLL_SECONDS)
                continue
            ledger.seal()
            if not drain(at=timezone.now()) and not is_done():
                time.sleep(POLL_SECONDS)
    finally:
        lock.release()
