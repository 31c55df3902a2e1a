"""What a wave costs: messages a second and CPU a message, beside the mail channel alone.

    PYTHONPATH=src:. python benchmarks/sending.py [messages] [postgres]

A mail server (aiosmtpd) runs in a process of its own; the same mails go over one connection twice,
in turns: rendered and handed over by the channel alone, and as a wave, with claim and outcome of
each message in the database. Both are whole: nothing is prepared before the watch starts.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
ON_POSTGRES = "postgres" in sys.argv
ROUNDS = 3


def serve(ready: Any) -> None:
    """Accept whatever comes."""
    import asyncio

    from aiosmtpd.smtp import SMTP

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            return "250 OK"

    async def forever() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Handler(), hostname="mx.test", enable_SMTPUTF8=False), "127.0.0.1", 0
        )
        ready.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(forever())


def timed(work: Callable[[], int]) -> tuple[float, float]:
    """Return messages a second and CPU milliseconds a message."""
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return count / wall, cpu / count * 1_000


def main() -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    with tempfile.TemporaryDirectory() as home:
        os.environ["PROMONTORY_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "promontory.server.settings"
        if ON_POSTGRES:
            from tests import postgres

            cluster = postgres.server()
            os.environ["PROMONTORY_DATABASE"] = cluster.create_database("sending")
            os.environ["PROMONTORY_KEYS_DATABASE"] = cluster.create_database("sending_keys")
        import django

        django.setup()
        compare(port)
    server.terminate()


def compare(port: int) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone
    from tests.program.outreach.sending import waves

    from promontory.channels.contract import Message
    from promontory.channels.providers import build
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.outreach.actions import sending_run
    from promontory.program.outreach.actions.senders import add_sender
    from promontory.program.outreach.queries.messages import Letterheads
    from promontory.program.outreach.rules import messages

    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0)
    now = timezone.now()
    found_organization(name="Acme", zone="UTC", by=SYSTEM, at=now)
    values = {"host": "127.0.0.1", "port": port, "security": "none"}
    sender = add_sender(
        name="Server", provider="smtp", address="Acme <ask@acme.example>",
        per_second=10_000, values=values, by=SYSTEM, at=now,
    )  # fmt: skip
    sending_run.quiet_hours = lambda: (now.time(), now.time())

    def channel(wave: Any) -> int:
        heads = Letterheads(wave)
        with build("smtp", values) as provider:
            for n in range(MESSAGES):
                head = heads.of("en", sender)
                where = messages.links(n + 1, base=settings.PUBLIC_URL, key=settings.TOKEN_KEY)
                ref = messages.reference(n + 1, 0, key=settings.TOKEN_KEY)
                to = f"customer{n}@example.org"
                filled = messages.mail(head, messages.Person(to, f"Customer {n}"), where, number=0)
                headers, return_path = messages.mail_headers(head, where, ref=ref)
                provider.send(
                    Message(
                        to=to, reference=ref, at=now, sender=head.sender, subject=filled.subject,
                        text=filled.text, html=filled.html, headers=headers,
                        return_path=return_path,
                    )
                )  # fmt: skip
        return MESSAGES

    ratios = []
    for round_ in range(ROUNDS):
        people = [
            {"email": f"customer{n}-{round_}@example.org", "name": f"Customer {n}"}
            for n in range(MESSAGES)
        ]
        wave = waves.a_wave(people, at=now)
        waves.start(wave, at=now)
        wave.invitations.update(due_at=now)
        alone, alone_cpu = timed(partial(channel, wave))
        whole, whole_cpu = timed(partial(sending_run.send_lane, wave.pk, clock=timezone.now))
        ratios.append(whole / alone)
        print(
            f"channel alone {alone:6.0f}/s {alone_cpu:5.2f} ms CPU   "
            f"as a wave {whole:6.0f}/s {whole_cpu:5.2f} ms CPU   ratio {whole / alone:.2f}"
        )
    print(f"{'PostgreSQL' if ON_POSTGRES else 'SQLite'}: median ratio {sorted(ratios)[1]:.2f}")


if __name__ == "__main__":
    main()
