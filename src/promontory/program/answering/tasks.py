"""The desk at which what respondents did is settled, and what follows what they write."""

from __future__ import annotations

import logging
import threading

from django.db import connections
from django.utils import timezone

from promontory.jobs import running, task
from promontory.program.answering.actions import conversing
from promontory.program.answering.actions.settling import settle
from promontory.program.answering.models import Intake

log = logging.getLogger("promontory.answering")

LOOK_EVERY_SECONDS = 0.3


@task(atomic=False, priority=5, retries=20)
def settle_intake() -> None:
    """Settle what was kept, should no desk have done so."""
    while settle(at=running.now()):
        running.progress(0)


@task
def hear_message(message: int, channel: str) -> None:
    """Take what a customer wrote to us."""
    if channel == "sms":
        conversing.hear_text(message, at=running.now())


@task(atomic=False)
def send_replies(conversation: int, keys: list[str]) -> None:
    """Say back what a conversation says."""
    conversing.send_replies(conversation, keys, at=running.now())


@task
def forget_talks() -> None:
    """Take out of conversations that are over what was promised to stay nameless."""
    conversing.forget_talks(at=running.now())


class Desk:
    """A thread beside the job worker that settles acts as they come."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def start(self) -> Desk:
        self._thread.start()
        return self

    def stop(self, *, timeout: float = 5) -> None:
        """Stop after what is being settled; what is left waits for the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        pause = LOOK_EVERY_SECONDS
        while not self._stop.wait(pause):
            try:
                waits = Intake.objects.filter(problem="").exists()
                done = settle(limit=500, at=timezone.now()) if waits else 0
                pause = 0 if done == 500 else LOOK_EVERY_SECONDS
            except Exception:
                log.exception("The desk stumbled; it goes on.")
                connections.close_all()
                pause = 1.0
        connections.close_all()
