"""A wave goes out: once to each, at their hours, and stops when it is told to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.channels.email.conftest import Box
from tests.program.outreach.sending.waves import (
    NOW,
    a_wave,
    dispositions,
    later,
    people,
    start,
    tick,
    work,
)

pytestmark = pytest.mark.django_db


def test_a_wave_without_a_sender_is_kept_in_the_outbox() -> None:
    from promontory.program.outreach.models import Delivery, OutboxMessage
    from promontory.program.outreach.queries.outbox import opened

    wave = a_wave(people(3))
    start(wave)
    work()
    assert dispositions(wave) == {"SENT": 3}
    assert Delivery.objects.filter(state="sent", run="").count() == 3
    kept = opened(OutboxMessage.objects.order_by("pk")[0].pk)
    assert kept.said["to"] == "customer0@example.org"
    assert "Customer 0" in kept.said["text"]
    assert "?score=10" in kept.said["html"]
    assert kept.said["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_everybody_gets_one_mail_over_a_connection_a_lane(sender: Any, box: Box) -> None:
    from django.db import connection

    from promontory.program.outreach.actions.sending_clock import LANES

    wave = a_wave(people(30))
    start(wave)
    work()
    work(later(minutes=2))
    assert dispositions(wave) == {"SENT": 30}
    assert sorted(to for _, [to], _ in box.taken) == sorted(p["email"] for p in people(30))
    assert len(box.sessions) <= LANES[connection.vendor]
    assert all(returns.startswith("bounce+") for returns, _, _ in box.taken)


def test_a_dead_address_is_given_up_and_not_used_again(sender: Any, box: Box) -> None:
    from promontory.program.customers.codes import Way
    from promontory.program.customers.models import Contact

    box.bad.rcpt["customer1@example.org"] = "550 5.1.1 No such user"
    wave = a_wave([*people(3), {"email": "not an address", "name": "Nobody"}])
    start(wave)
    work()
    assert dispositions(wave) == {"SENT": 2, "UNDELIVERABLE": 2}
    assert Contact.objects.filter(failing=Way.EMAIL).count() == 2
    assert len(box.taken) == 2


def test_a_server_that_says_later_is_tried_later(sender: Any, box: Box) -> None:
    box.bad.rcpt["customer0@example.org"] = "451 4.7.1 Greylisted"
    wave = a_wave(people(2))
    start(wave)
    work()
    assert dispositions(wave) == {"SENT": 1, "PLANNED": 1}
    box.bad.rcpt.clear()
    tick(later(seconds=30))
    assert len(box.taken) == 1
    tick(later(minutes=3))
    assert dispositions(wave) == {"SENT": 2}
    assert len(box.taken) == 2


def test_a_server_that_falls_silent_leaves_the_delivery_unknown(sender: Any, box: Box) -> None:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.sending import send_again

    box.bad.die_at = "content"
    wave = a_wave(people(3))
    start(wave)
    work()
    tick(later(hours=1))
    assert dispositions(wave) == {"SENT": 2, "DELIVERY_UNKNOWN": 1}
    assert len(box.taken) == 3
    # Only a person sends it again, and knows that it may come twice.
    assert send_again(wave, by=SYSTEM, at=later(hours=2)) == 1
    tick(later(hours=2))
    assert dispositions(wave) == {"SENT": 3}
    assert len(box.taken) == 4


def test_a_server_that_is_down_pauses_the_wave(
    sender: Any, server: Any, box: Box, no_naps: list[float]
) -> None:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.senders import change_sender
    from promontory.program.outreach.actions.sending import resume_wave

    change_sender(
        sender,
        values={"host": "127.0.0.1", "port": 1, "security": "none"},
        by=SYSTEM,
        at=NOW,
    )
    wave = a_wave(people(3))
    start(wave)
    work()
    wave.refresh_from_db()
    assert wave.state == "paused"
    assert wave.problem.startswith("“Server” cannot be reached.")
    assert sum(no_naps) == 2 + 4 + 8 + 16
    assert dispositions(wave) == {"PLANNED": 3}
    change_sender(sender, values={"port": server.port}, by=SYSTEM, at=NOW)
    resume_wave(wave, by=SYSTEM, at=later(hours=1))
    work(later(hours=1))
    assert dispositions(wave) == {"SENT": 3}


def test_a_server_that_refuses_us_stops_at_the_first_mail(sender: Any, box: Box) -> None:
    wave = a_wave(people(5))
    for n in range(5):
        box.bad.rcpt[f"customer{n}@example.org"] = "554 5.7.1 Relay access denied"
    start(wave)
    work()
    wave.refresh_from_db()
    assert wave.state == "paused"
    assert "Relay access denied" in wave.problem
    assert dispositions(wave) == {"PLANNED": 5}


def test_nobody_is_written_to_in_their_night(sender: Any, box: Box) -> None:
    # NOW is noon in London, 21:00 in Tokyo, 05:00 in Los Angeles.
    wave = a_wave(
        [
            *people(1, zone="Europe/London"),
            {"email": "t@example.org", "zone": "Asia/Tokyo"},
            {"email": "l@example.org", "zone": "America/Los_Angeles"},
        ]
    )
    start(wave)
    work()
    assert [to for _, [to], _ in box.taken] == ["customer0@example.org"]
    tick(later(hours=3, minutes=1))
    assert [to for _, [to], _ in box.taken][1:] == ["l@example.org"]
    tick(later(hours=11, minutes=1))
    assert [to for _, [to], _ in box.taken][2:] == ["t@example.org"]


def test_a_drip_spreads_the_wave_over_its_window(sender: Any, box: Box) -> None:
    wave = a_wave(people(60))
    start(wave, ends_at=later(hours=4))
    counts = []
    for hour in (0, 1, 2, 3, 4):
        tick(later(hours=hour))
        counts.append(len(box.taken))
    # A quarter in each hour, give or take one.
    assert all(abs(count - 15 * hour) <= 1 for hour, count in enumerate(counts))
    assert counts[-1] == 60


def test_a_pause_holds_at_once_and_a_cancelled_wave_sends_no_more(sender: Any, box: Box) -> None:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.sending import (
        cancel_sending,
        pause_wave,
        resume_wave,
    )

    wave = a_wave(people(40))
    start(wave, ends_at=later(hours=4))
    tick(later(hours=1))
    sent = len(box.taken)
    pause_wave(wave, by=SYSTEM, at=later(hours=1))
    tick(later(hours=2))
    assert 0 < len(box.taken) == sent < 40
    resume_wave(wave, by=SYSTEM, at=later(hours=2))
    work(later(hours=2))
    assert len(box.taken) > sent
    cancel_sending(wave, by=SYSTEM, at=later(hours=2))
    tick(later(hours=4))
    assert dispositions(wave) == {"SENT": len(box.taken), "CANCELLED": 40 - len(box.taken)}


def test_who_opted_out_since_the_drawing_is_held_back(sender: Any, box: Box) -> None:
    from promontory.program.customers.actions import place_hold
    from promontory.program.customers.codes import Way
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.sending_optout import opt_out

    wave = a_wave(people(4))
    first, second, third, _ = wave.invitations.order_by("pk")
    opt_out(first, Way.EMAIL, source="preferences", by=SYSTEM, at=NOW)
    place_hold(contact=second.contact, reason="complaint", source="staff", by=SYSTEM, at=NOW)
    third.contact.details = None
    third.contact.save()
    start(wave)
    work()
    assert dispositions(wave) == {
        "HELD_OPTED_OUT": 1,
        "HELD_HOLD": 1,
        "UNREACHABLE": 1,
        "SENT": 1,
    }
    assert len(box.taken) == 1


def test_a_reminder_goes_once_to_who_has_not_answered(sender: Any, box: Box) -> None:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions import dispose
    from promontory.program.outreach.actions.sending_optout import opt_out
    from promontory.program.outreach.codes import Disposition

    wave = a_wave(people(4), reminder_days=[3])
    start(wave)
    work()
    answered, opted_out, silent, _ = wave.invitations.order_by("pk")
    dispose([answered.pk], Disposition.ANSWERED, by="respondent", at=later(days=1))
    opt_out(opted_out, 1, source="one_click", by=SYSTEM, at=later(days=1))
    tick(later(days=2))
    assert len(box.taken) == 4
    for hour in range(3):
        tick(later(days=3, hours=hour + 1))
    reminded = [mail for mail in box.mails if mail["Subject"].startswith("Reminder")]
    assert [mail["To"] for mail in reminded] == ["customer2@example.org", "customer3@example.org"]
    silent.refresh_from_db()
    assert silent.reminders == 1
    assert silent.reminded_at is not None


def test_at_the_close_silence_is_no_answer_and_clicks_stay_clicks(sender: Any, box: Box) -> None:
    from promontory.program.outreach.actions import dispose
    from promontory.program.outreach.codes import Disposition

    box.bad.rcpt["customer4@example.org"] = "451 4.7.1 Later"
    wave = a_wave(people(5))
    start(wave)
    work()
    pks = list(wave.invitations.order_by("pk").values_list("pk", flat=True))
    dispose(pks[:1], Disposition.ANSWERED, by="respondent", at=later(days=1))
    dispose(pks[1:2], Disposition.CLICKED, by="respondent", at=later(days=1))
    dispose(pks[2:3], Disposition.SHOWN, by="respondent", at=later(days=1))
    wave.invitations.filter(pk=pks[4]).update(due_at=later(days=60))
    wave.invitations.get(pk=pks[4]).deliveries.update(due_at=later(days=60))
    tick(later(days=31))
    assert dispositions(wave) == {"ANSWERED": 1, "CLICKED": 1, "NO_ANSWER": 2, "CANCELLED": 1}
    wave.refresh_from_db()
    assert wave.state == "closed"


def test_each_is_written_to_in_their_language_and_a_name_is_only_a_name(
    sender: Any, box: Box
) -> None:
    wave = a_wave(
        [
            {"email": "a@example.org", "name": "<b>Ada</b>", "language": "de-AT"},
            {"email": "b@example.org", "name": "Bob\r\nBcc: all@example.org", "language": "ar"},
            {"email": "c@example.org", "name": "", "language": "sw"},
        ],
        languages=["en", "de", "ar"],
    )
    start(wave)
    work()
    by_address = {mail["To"]: mail for mail in box.mails}
    ada, bob, cee = (by_address[f"{letter}@example.org"] for letter in "abc")
    assert (ada["Content-Language"], bob["Content-Language"], cee["Content-Language"]) == (
        "de",
        "ar",
        "en",
    )
    html = ada.get_body(("html",)).get_content()
    assert "&lt;b&gt;Ada&lt;/b&gt;" in html
    assert "<b>Ada" not in html
    assert 'dir="rtl"' in bob.get_body(("html",)).get_content()
    assert bob["Bcc"] is None


def test_a_run_that_died_leaves_one_unknown_and_its_results(sender: Any, box: Box) -> None:
    from promontory.program.outreach.models import Delivery

    wave = a_wave(people(3))
    start(wave)
    sent, lost, _ = wave.invitations.order_by("pk")
    common = {"due_at": NOW, "changed_at": NOW, "sending_at": NOW, "run": "99.1", "tries": 1}
    Delivery.objects.create(invitation=sent, state="sent", sent_at=NOW, **common)
    Delivery.objects.create(invitation=lost, state="sending", **common)
    work(NOW + timedelta(minutes=1))
    assert dispositions(wave) == {"SENT": 2, "DELIVERY_UNKNOWN": 1}
    assert [to for _, [to], _ in box.taken] == ["customer2@example.org"]


def test_one_more_person_costs_a_claim_and_what_becomes_of_it() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from promontory.program.outreach.actions.sending_run import send_lane

    asked = []
    for count in (1, 11):
        wave = a_wave([{"email": f"{count}-{n}@example.org"} for n in range(count)])
        start(wave)
        wave.invitations.update(due_at=NOW)
        with CaptureQueriesContext(connection) as captured:
            assert send_lane(wave.pk, clock=lambda: NOW, nap=lambda seconds: None) == count
        asked.append(len(captured))
    each = (asked[1] - asked[0]) / 10
    # Begin, what the outbox keeps, the outcome of the last, the claim of the next, commit.
    assert each <= 7


def test_a_reminder_that_waited_too_long_is_not_sent(sender: Any, box: Box) -> None:
    wave = a_wave(people(2), reminder_days=[3])
    start(wave)
    work()
    soon = wave.invitations.order_by("pk")[0]
    box.bad.rcpt = {f"customer{n}@example.org": "451 4.7.1 Later" for n in range(2)}
    tick(later(days=3, hours=1))
    box.bad.rcpt.clear()
    tick(later(days=3, hours=2))
    assert len(box.taken) == 4
    assert soon.deliveries.get(number=1).state == "sent"
    soon.deliveries.filter(number=1).update(state="queued", due_at=NOW)
    tick(later(days=5))
    assert soon.deliveries.get(number=1).state == "skipped"
    assert len(box.taken) == 4
