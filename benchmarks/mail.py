"""What a mail costs, rendered and handed over: python benchmarks/mail.py [mails] (default 3000).

One connection to an SMTP server in a process of its own. Interleaved in the same run: our whole
way (fill the template, build the MIME, hand over), and a bare `smtplib.sendmail` of one constant
body of the same size, which is the most that any Python program could reach with that server.
Every figure is the median of five rounds beside its limit; CPU is that of our process alone.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

ROUNDS = 5
AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LIMIT = 400


def serve(tell: Connection) -> None:
    """An SMTP server that takes everything and keeps nothing."""
    from aiosmtpd.controller import Controller

    class Nowhere:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
            return "250 OK"

    class OnAnyPort(Controller):
        def _trigger_server(self) -> None:
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    controller = OnAnyPort(Nowhere(), hostname="127.0.0.1", port=0)
    controller.start()
    tell.send(controller.port)
    tell.recv()
    controller.stop(no_assert=True)


def invitation():
    """An invitation as it is sent, compiled once."""
    from promontory.channels.email.layouts import InvitationTexts, Scale, invitation

    texts = InvitationTexts(
        subject="{name}, how likely are you to recommend {brand}?",
        preheader="One question, half a minute.",
        brand="{brand}",
        greeting="Hello {name},",
        unnamed_greeting="Hello,",
        body="Thank you for your order. May we ask you one question?",
        question="How likely are you to recommend {brand} to a friend or colleague?",
        button="Answer",
        promise="Your answer is confidential.",
        why="You get this mail because you bought something from us.",
        sender_line="Acme Ltd, 1 High Street, London",
        opt_out="No more surveys",
        preferences="Choose how we ask",
    )
    scale = Scale(0, 10, "Not at all likely", "Extremely likely")
    return invitation(
        texts, language="en", direction="ltr", scale=scale, values={"brand": "Acme & Söhne"}
    )


def our_way(port: int) -> Callable[[int, int], None]:
    from promontory.channels.contract import Message
    from promontory.channels.email.headers import survey_headers
    from promontory.channels.email.references import bounce_address
    from promontory.channels.email.smtp import Smtp, SmtpSettings

    template = invitation()
    provider = Smtp(SmtpSettings(host="127.0.0.1", port=port, security="none", hello="bench.test"))

    def send(first: int, count: int) -> None:
        with provider:
            for number in range(first, first + count):
                token = f"tok{number:08d}"
                where = f"https://ask.acme.example/{{}}/{token}"
                subject, text, html = template.fill(
                    {
                        "name": f"Zoë {number}",
                        "answer_url": where.format("r"),
                        "opt_out_url": where.format("u"),
                        "preferences_url": where.format("p"),
                    }
                )
                provider.send(
                    Message(
                        to=f"customer{number}@example.org",
                        reference=token,
                        at=AT,
                        sender="Acme <ask@acme.example>",
                        subject=subject,
                        text=text,
                        html=html,
                        headers=survey_headers(
                            unsubscribe_url=where.format("u"),
                            reference=token,
                            domain="acme.example",
                            programme="relationship",
                            brand="Acme",
                        ),
                        return_path=bounce_address(token, "acme.example"),
                    )
                )

    return send


def bare_way(port: int, body: bytes) -> Callable[[int, int], None]:
    def send(first: int, count: int) -> None:
        server = smtplib.SMTP("127.0.0.1", port, "bench.test")
        for number in range(first, first + count):
            server.sendmail("ask@acme.example", f"customer{number}@example.org", body)
        server.quit()

    return send


def timed(send: Callable[[int, int], None], first: int, count: int) -> tuple[float, float]:
    """Mails a second, and milliseconds of our CPU a mail."""
    wall, cpu = time.perf_counter(), time.process_time()
    send(first, count)
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count * 1e3


def main() -> int:
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promontory.server.settings")
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()

    from promontory.channels.contract import Message
    from promontory.channels.email.building import to_bytes

    began = time.process_time()
    template = invitation()
    compiling = time.process_time() - began
    blank = dict.fromkeys(template.slots, "x" * 40)
    filled = template.fill(blank)
    body = to_bytes(
        Message(
            to="a@example.org",
            reference="r",
            at=AT,
            sender="Acme <ask@acme.example>",
            subject=filled.subject,
            text=filled.text,
            html=filled.html,
        ),
        to="a@example.org",
    )
    whole, bare = our_way(port), bare_way(port, body)
    whole(0, 50), bare(0, 50)
    count = mails // ROUNDS
    results = [
        (timed(whole, n * count, count), timed(bare, n * count, count)) for n in range(ROUNDS)
    ]
    ours.send("stop")
    server.join(5)

    rate, cpu = (median(each[0][k] for each in results) for k in (0, 1))
    bare_rate, bare_cpu = (median(each[1][k] for each in results) for k in (0, 1))
    ratio = median(each[0][0] / each[1][0] for each in results)
    print(f"{len(body):,} bytes a mail; compiling the template once {compiling * 1e3:.0f} ms CPU")
    print(f"rendered and handed over   {rate:7.0f} mails/s   {cpu:5.2f} ms CPU a mail")
    print(f"bare smtplib.sendmail      {bare_rate:7.0f} mails/s   {bare_cpu:5.2f} ms CPU a mail")
    print(f"ratio {ratio:.2f}; limit {LIMIT} mails/s: {'held' if rate >= LIMIT else 'MISSED'}")
    return int(rate < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
