"""What runs beside the web threads: the job worker, the desk, the sealer, the healing at the start.

On SQLite this process holds the writer's lock for as long as it lives; whoever else wants work
done (the command line) leaves it as a job and waits.
"""

from __future__ import annotations

import atexit
import logging
import threading

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from promontory.errors import Broken
from promontory.jobs.locks import WriterLock
from promontory.jobs.worker import Worker
from promontory.program.answering.tasks import Desk
from promontory.program.ledger import actions as ledger
from promontory.server import schedule

log = logging.getLogger("promontory.server")
SEAL_EVERY_SECONDS = 0.5


def start(*, threads: int = 2) -> Worker:
    """Start job worker and desk (and on PostgreSQL the sealer) in threads of this process."""
    hold_lock()
    heal()
    worker = Worker(threads=threads, schedule=schedule.ENTRIES, sole=_is_sqlite()).start()
    sealer = Sealer()
    if not _is_sqlite():
        sealer.start()
    desk = Desk().start()

    def stop() -> None:
        desk.stop()
        sealer.stop()
        worker.stop(timeout=10)

    atexit.register(stop)
    return worker


def work(*, threads: int = 2) -> None:
    """Be a worker process beside a server that runs with --no-jobs, until told to end."""
    lock = hold_lock()
    heal()
    sealer = Sealer()
    if not _is_sqlite():
        sealer.start()
    desk = Desk().start()
    Worker(threads=threads, schedule=schedule.ENTRIES, sole=_is_sqlite()).run_until_signalled()
    desk.stop()
    sealer.stop()
    if lock is not None:
        lock.release()


def hold_lock() -> WriterLock | None:
    """Take the lock of the one SQLite writer for the rest of this process."""
    if not _is_sqlite():
        return None
    lock = WriterLock(settings.HOME.lock)
    if not lock.try_acquire():
        raise Broken(f"Another process writes to {settings.HOME.root}: {lock.holder()}.")
    return lock


def heal() -> None:
    """Finish what a crash or a restored backup left half done."""
    ledger.replay_erasures(at=timezone.now())


class Sealer:
    """Gives the pending entries of PostgreSQL their positions, twice a second."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(SEAL_EVERY_SECONDS):
            try:
                ledger.seal()
            except Exception:
                log.exception("The sealer stumbled; it goes on.")
                connections.close_all()


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"
