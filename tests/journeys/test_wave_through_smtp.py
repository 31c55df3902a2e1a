"""A wave, from its plan to its close, through a real mail server and a sender that is killed."""

from __future__ import annotations

import json
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

PEOPLE = int(os.environ.get("PROMONTORY_WAVE", "400"))
KILLS = 2 if PEOPLE < 1_000 else 6
LANES = {"sqlite": 1, "postgres": 2}
# A customer in ten has a telephone only, one in ten has opted out, one in twenty is on hold.
MAKE = """
from datetime import timedelta
from django.utils import timezone
from promontory.program.customers.actions import place_hold
from promontory.program.customers.models import Contact
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import add_person, found_organization
from promontory.program.outreach import actions
from promontory.program.outreach.actions import drawing
from promontory.program.outreach.actions.senders import add_sender
from promontory.program.outreach.actions.sending import start_wave
from promontory.program.outreach.queries.reconciling import reconcile
from promontory.program.surveys.actions import create_survey
from tests.program.outreach.sending import waves

now = timezone.now()
found_organization(name="Acme", zone="UTC", by=SYSTEM, at=now)
add_person(email="olga@example.org", name="Olga", role="owner", by=SYSTEM, at=now)
survey = create_survey(name="Relationship", promise="identified", by=SYSTEM, at=now)
version = survey.versions.get()
version.languages, version.wording = ["en"], {{"en": waves.texts_of("en")}}
version.save()
mails = waves.contacts(waves.people({people} * 9 // 10), at=now)
waves.contacts([{{"phone": f"+1500555{{n:04}}"}} for n in range({people} // 10)], at=now)
Contact.objects.filter(pk__in=mails[::10]).update(closed=1)
for pk in mails[1::20]:
    place_hold(contact=Contact.objects.get(pk=pk), reason="complaint", source="staff",
               by=SYSTEM, at=now)
add_sender(
    name="Server", provider="smtp", address="Acme <ask@acme.example>", per_second=10_000,
    values={{"host": "127.0.0.1", "port": {port}, "security": "none"}}, by=SYSTEM, at=now,
)
plan = actions.make_plan(
    survey, actions.NewPlan("All", channels=("email", "sms"), size={people} * 7 // 10),
    by=SYSTEM, at=now)
wave = actions.plan_wave(plan, by=SYSTEM, at=now)
drawing.try_out(wave.pk, at=now)
wave.refresh_from_db()
said = wave.dry_run
actions.start_draw(wave, by=SYSTEM, at=now)
drawing.draw_wave(wave.pk, at=now)
wave.refresh_from_db()
assert (said["eligible"], said["drawn"]) == (wave.eligible, wave.drawn), said
assert reconcile(wave).difference == 0
start_wave(wave, by=SYSTEM, at=now)
print(wave.drawn)
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
# Some answer on the page that their mail leads to, some by a text, one is scanned, one opts out.
ANSWER = """
import json, re
from datetime import timedelta
from django.conf import settings
from django.test import Client
from django.utils import timezone
from promontory.program.answering.actions.settling import settle
from promontory.program.organization.models import User
from promontory.program.outreach import tokens
from promontory.program.outreach.actions import sending_clock
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries.reconciling import reconcile
from promontory.program.responses.models import Response

settings.ALLOWED_HOSTS.append("testserver")
[wave] = Wave.objects.all()
sent = wave.invitations.filter(disposition=Disposition.SENT).order_by("pk")
mailed, texted = sent.filter(channel=1)[:22], sent.filter(channel=2)[:5]
links = [f"/r/{tokens.make(each.pk, settings.TOKEN_KEY)}" for each in mailed]
client, owner = Client(), Client()
owner.force_login(User.objects.get())

def post(who, *given):
    said = who.post(*given)
    assert said.status_code in (200, 204, 302, 303), (given, said.status_code, said.content)
    return said

for number, link in enumerate(links[:20]):
    page = client.get(link + "?score=9").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    post(client, link, {**hidden, "q-recommend": str(number % 11)})
client.get(links[20] + "?score=3")
post(client, links[21].replace("/r/", "/u/"), {"List-Unsubscribe": "One-Click"})
for each in texted:
    post(owner, f"/simulators/sms/{each.contact_id}", {"text": "10 great"})
now = timezone.now() + timedelta(seconds=1)
settle(at=now)

def told(wave):
    found = reconcile(wave)
    return {"difference": found.difference, "frame": found.frame,
            "counts": {Disposition(code).name: n for code, n in found.counts.items()}}

out = [told(wave)]
sending_clock.close_due(at=wave.closes_at + timedelta(hours=1))
wave.refresh_from_db()
print(json.dumps([*out, told(wave), wave.state, Response.objects.count()]))
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


def _send(installation: Installation, box: Box, mails: int) -> int:
    """Send the wave, killing its sender again and again; return how many mails that may cost."""
    lanes = LANES[installation.vendor]
    for kill in range(KILLS):
        process = _worker(installation, lanes)
        # At least one more mail each time, or a kill would prove nothing.
        goal = max(len(box.mails) + 1, mails * (kill + 1) // (KILLS + 1))
        installation.wait(lambda goal=goal: len(box.mails) >= goal, seconds=90)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    last = _worker(installation, lanes)
    planned, settled = 30, "SELECT count(*) FROM outreach_delivery WHERE run <> ''"
    installation.wait(lambda: _states(installation)[planned] == 0, seconds=120)
    installation.wait(lambda: installation.rows(settled) == [(0,)], seconds=60)
    last.terminate()
    last.wait(timeout=30)
    return KILLS * lanes


@pytest.mark.slow
@pytest.mark.kill
def test_a_wave_is_drawn_sent_and_answered_and_everybody_is_accounted_for(
    installation: Installation, mail: tuple[Box, int]
) -> None:
    box, port = mail
    drawn = int(installation.python(MAKE.format(people=PEOPLE, port=port)))
    assert drawn == PEOPLE * 7 // 10
    by_channel = "SELECT count(*) FROM outreach_invitation WHERE channel = %d"
    [(mails,)], [(texts,)] = (installation.rows(by_channel % channel) for channel in (1, 2))
    assert mails + texts == drawn
    assert texts > 0
    most_unknown = _send(installation, box, mails)

    sent, unknown = 31, 33
    states, copies = _states(installation), box.copies()
    assert set(states) <= {sent, unknown}
    assert states.total() == drawn
    assert states[unknown] <= most_unknown
    assert max(copies.values()) == 1
    # Whoever is said to have been sent a mail has it; only of the unknown can nobody say.
    assert mails - states[unknown] <= len(copies) <= mails
    last = "SELECT count(*) FROM outreach_dispositionchange WHERE was = 30"
    assert installation.rows(last) == [(drawn,)]
    one = message_from_bytes(box.mails[0][1], policy=policy.default)
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "?score=9" in one.get_body(("html",)).get_content()  # type: ignore[union-attr]

    open_, closed, state, responses = json.loads(installation.python(ANSWER))
    ended = {"PARTIAL": 20, "ANSWERED": 5, "CLICKED": 1, "OPTED_OUT": 1}
    for told in (open_, closed):
        assert (told["difference"], told["frame"]) == (0, PEOPLE // 10 * 9 + PEOPLE // 10)
        assert {name: told["counts"][name] for name in ended} == ended
        assert told["counts"]["HELD_OPTED_OUT"] == -(-(PEOPLE * 9 // 10) // 10)
    assert (state, responses) == ("closed", 25)
    assert closed["counts"]["NO_ANSWER"] == drawn - sum(ended.values())
    assert not {"PLANNED", "SENT", "DELIVERY_UNKNOWN"} & set(closed["counts"])
