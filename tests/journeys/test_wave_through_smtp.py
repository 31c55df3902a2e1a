"""A wave through a real mail server, while the process that sends it is killed again and again."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.installation import Installation

PEOPLE = int(os.environ.get("PROMONTORY_WAVE", "1200"))
KILLS = 6
LANES = {"sqlite": 1, "postgres": 2}
MAKE = """
from tests.program.outreach.sending import waves
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions.senders import add_sender
from django.utils import timezone

now = timezone.now()
wave = waves.a_wave(waves.people({people}), at=now)
add_sender(
    name="Server", provider="smtp", address="Acme <ask@acme.example>", per_second=10_000,
    values={{"host": "127.0.0.1", "port": {port}, "security": "none"}}, by=SYSTEM, at=now,
)
waves.start(wave, at=now)
"""
WORK = """
from datetime import time, timedelta
from promontory.jobs.worker import Worker
from promontory.jobs.schedule import Entry, Every
from promontory.program.outreach import tasks
from promontory.program.outreach.actions import sending_clock, sending_run

sending_run.quiet_hours = lambda: (time(0), time(0))  # whatever the hour the test is run at
sending_clock.LANES = {{"sqlite": 1, "postgresql": {lanes}}}
entries = [Entry("send", tasks.send_due, Every(timedelta(seconds=1)))]
Worker(
    threads={threads}, schedule=entries, sole={sole}, lease=timedelta(seconds=2), poll=0.05
).run_until_signalled()
"""


class Box:
    """What the mail server has accepted, by recipient."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.lock = threading.Lock()

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        with self.lock:
            self.mails += [(to, envelope.content) for to in envelope.rcpt_tos]
        return "250 OK"

    def copies(self) -> Counter[str]:
        with self.lock:
            return Counter(to for to, _ in self.mails)


class AnyPort(Controller):
    def _trigger_server(self) -> None:
        # aiosmtpd knocks at the port it was given; ours was chosen by the system.
        self.port = int(self.server.sockets[0].getsockname()[1])  # type: ignore[attr-defined]
        super()._trigger_server()


@pytest.fixture
def mail() -> Iterator[tuple[Box, int]]:
    box = Box()
    controller = AnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    yield box, controller.port
    controller.stop()


def _worker(installation: Installation, lanes: int) -> Any:
    sole = installation.vendor == "sqlite"
    return installation.start(WORK.format(lanes=lanes, threads=lanes + 1, sole=sole))


def _states(installation: Installation) -> Counter[int]:
    rows = installation.rows("SELECT disposition, count(*) FROM outreach_invitation GROUP BY 1")
    return Counter({int(code): int(count) for code, count in rows})


@pytest.mark.slow
@pytest.mark.kill
def test_no_mail_is_repeated_and_nobody_is_lost(
    installation: Installation, mail: tuple[Box, int]
) -> None:
    box, port = mail
    lanes = LANES[installation.vendor]
    installation.python(MAKE.format(people=PEOPLE, port=port))
    for kill in range(KILLS):
        process = _worker(installation, lanes)
        # At least one more mail each time, or a kill would prove nothing.
        goal = max(len(box.mails) + 1, PEOPLE * (kill + 1) // (KILLS + 1))
        installation.wait(lambda goal=goal: len(box.mails) >= goal, seconds=90)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    _worker(installation, lanes)
    planned = 30
    installation.wait(lambda: _states(installation)[planned] == 0, seconds=120)
    settled = "SELECT count(*) FROM outreach_delivery WHERE run <> ''"
    installation.wait(lambda: installation.rows(settled) == [(0,)], seconds=60)

    sent, unknown = 31, 33
    states, copies = _states(installation), box.copies()
    assert set(states) <= {sent, unknown}
    assert states.total() == PEOPLE
    assert states[unknown] <= KILLS * lanes
    assert max(copies.values()) == 1
    # Whoever is said to have been sent a mail has it; only of the unknown can nobody say.
    assert states[sent] <= len(copies) <= PEOPLE
    last = "SELECT count(*) FROM outreach_dispositionchange WHERE was = 30"
    assert installation.rows(last) == [(PEOPLE,)]
    one = message_from_bytes(box.mails[0][1], policy=policy.default)
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "?score=9" in one.get_body(("html",)).get_content()  # type: ignore[union-attr]
