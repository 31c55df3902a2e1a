"""The worker: threads that run jobs and one that keeps their leases and the clock.

Worker(threads=2, schedule=ENTRIES).run()             a process of its own
Worker(schedule=ENTRIES, sole=True).start()           inside the embedded server
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from promontory.jobs import bell, leases, queries, schedule
from promontory.jobs.execution import Ending, execute

log = logging.getLogger("promontory.jobs")

T = TypeVar("T")

_numbers = count(1)
_ABSENT = (OperationalError, InterfaceError)


class Worker:
    """Runs the jobs of some queues (None: of all) until it is stopped.

    A `sole` worker is the only one of its installation: as it starts, it takes back at once what
    its predecessor left running instead of waiting for the leases to end.
    """

    def __init__(
        self,
        queues: Sequence[str] | None = None,
        *,
        threads: int = 1,
        schedule: Iterable[schedule.Entry] = (),
        sole: bool = False,
        lease: timedelta = timedelta(seconds=20),
        poll: float = 0.5,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{next(_numbers)}"
        self._queues = queues
        self._threads = threads
        self._schedule = tuple(schedule)
        self._sole = sole
        self._lease = lease
        self._poll = poll
        self._clock = clock
        self._stop = threading.Event()
        self._busy: dict[int, int] = {}
        self._ticked: dict[str, datetime] = {}
        self._runner: threading.Thread | None = None

    def start(self) -> Worker:
        """Start working in a thread of this process."""
        self._runner = threading.Thread(target=self.run, name="jobs", daemon=True)
        self._runner.start()
        return self

    def stop(self, *, timeout: float | None = None) -> bool:
        """Ask the worker to stop, wait for the jobs it runs, and return whether they ended.

        A short job is finished; a long one stops at its next checkpoint and resumes later. What
        is still running after the timeout comes back to the queue when its lease ends.
        """
        self._stop.set()
        bell.ring()
        if self._runner is None:
            return True
        self._runner.join(timeout)
        return not self._runner.is_alive()

    def run_until_signalled(self) -> None:
        """Work in the main thread of a process until it is told to end (SIGTERM, Ctrl-C)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.run()

    def run(self) -> None:
        """Work until `stop` is called, from a signal handler or another thread."""
        if self._sole:
            self._guarded(lambda: leases.return_orphans(at=self._clock()))
        hands = [
            threading.Thread(target=self._serve, name=f"jobs-{n}", daemon=True)
            for n in range(self._threads)
        ]
        keeper = threading.Thread(target=self._keep, args=(hands,), name="jobs-keeper", daemon=True)
        for thread in (*hands, keeper):
            thread.start()
        for thread in (*hands, keeper):
            while thread.is_alive():
                thread.join(0.5)  # in short waits, so that a signal is handled in between
        connections.close_all()

    def _serve(self) -> None:
        while not self._stop.is_set():
            heard = bell.heard()
            found = self._guarded(self._work_one)
            if found is False:
                bell.wait(heard, seconds=self._nap())
            elif found is None:
                self._stop.wait(1.0)
        connections.close_all()

    def _work_one(self) -> bool:
        """Run the next job; return whether there was one."""
        job = leases.claim(
            queues=self._queues, worker=self.name, at=self._clock(), lease=self._lease
        )
        if job is None:
            return False
        self._busy[job.pk] = job.fence
        try:
            run = execute(job, clock=self._clock, lease=self._lease, stopping=self._stop.is_set)
        finally:
            del self._busy[job.pk]
        if run.ending is not Ending.DONE:
            log.info("%s %s", job, run.ending.value)
        return True

    def _nap(self) -> float:
        """Return how long there is nothing to do, as far as this process knows."""
        due = self._guarded(lambda: queries.next_due(self._queues))
        ahead = (due - self._clock()).total_seconds() if due else self._poll
        return min(max(ahead, 0.01), self._poll)

    def _keep(self, hands: list[threading.Thread]) -> None:
        """Renew the leases of what runs, give back what others lost, and tick the clock."""
        beat = self._lease.total_seconds() / 4
        beaten = float("-inf")
        while any(hand.is_alive() for hand in hands):
            if time.monotonic() - beaten >= beat:
                beaten = time.monotonic()
                self._guarded(self._renew)
                self._guarded(self._sweep)
            if self._stop.is_set():
                time.sleep(0.05)
            else:
                self._guarded(self._tick)
                self._stop.wait(min(1.0, beat))
        connections.close_all()

    def _renew(self) -> None:
        busy = list(self._busy.items())
        for job in leases.renew(busy, until=self._clock() + self._lease):
            log.warning("Job %s is no longer this worker's.", job)

    def _sweep(self) -> None:
        if returned := leases.return_expired(at=self._clock()):
            log.warning("Gave back %s job(s) whose worker had vanished.", returned)

    def _tick(self) -> None:
        at = self._clock()
        due = {entry.name: entry.when.last_due(at) for entry in self._schedule}
        fresh = [
            entry for entry in self._schedule if self._ticked.get(entry.name) != due[entry.name]
        ]
        schedule.tick(fresh, at=at)
        self._ticked = due

    def _guarded(self, step: Callable[[], T]) -> T | None:
        """Take a step, and outlive a database that is away or locked for a while."""
        try:
            return step()
        except _ABSENT as error:
            log.warning("The database does not answer (%s); trying again.", error)
        except Exception:
            log.exception("The worker met something nobody foresaw; it goes on.")
        connections.close_all()
        return None
