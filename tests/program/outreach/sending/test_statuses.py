"""What comes back: in any order, more than once, forged, or about nobody of ours."""

from __future__ import annotations

from typing import Any

import pytest

from promontory.channels.contract import State, StatusUpdate
from tests.program.outreach.sending.waves import (
    NOW,
    a_wave,
    dispositions,
    later,
    people,
    start,
    work,
)

pytestmark = pytest.mark.django_db


def report(state: State, invitation: Any, **more: Any) -> StatusUpdate:
    from django.conf import settings

    from promontory.program.outreach.rules.messages import reference

    ref = reference(invitation.pk, more.pop("number", 0), key=settings.TOKEN_KEY)
    return StatusUpdate(state, later(hours=1), reference=ref, **more)


def take(*updates: StatusUpdate) -> tuple[int, int]:
    from promontory.program.outreach.actions.delivery_statuses import take_statuses

    taken = take_statuses("email", updates, at=later(hours=1))
    return taken.ours, taken.unknown


@pytest.fixture
def wave() -> Any:
    made = a_wave(people(1))
    start(made)
    work()
    return made


def test_a_report_leaves_no_address_behind(wave: Any) -> None:
    [invitation] = wave.invitations.all()
    take(report(State.BOUNCED, invitation, permanent=True, detail="550 <ada@example.org> gone"))
    [change] = invitation.changes.order_by("-pk")[:1]
    assert change.why == "550 <(address)> gone"
    assert invitation.deliveries.get().detail == change.why


def test_delivered_then_bounced_then_delivered_is_bounced(wave: Any) -> None:
    from promontory.program.customers.models import Consent

    [invitation] = wave.invitations.all()
    arrived = report(State.DELIVERED, invitation)
    bounced = report(State.BOUNCED, invitation, permanent=True, detail="No such user")
    assert take(arrived) == (1, 0)
    assert dispositions(wave) == {"DELIVERED": 1}
    for _ in range(2):
        take(bounced, arrived)
        assert dispositions(wave) == {"UNDELIVERABLE": 1}
    assert [consent.source for consent in Consent.objects.all()] == ["bounce"]
    assert [change.why for change in invitation.changes.order_by("-pk")[:1]] == ["No such user"]


def test_a_bounce_after_the_answer_changes_nothing_but_the_address(wave: Any) -> None:
    from promontory.program.outreach.actions import dispose
    from promontory.program.outreach.codes import Disposition

    [invitation] = wave.invitations.all()
    dispose([invitation.pk], Disposition.ANSWERED, by="respondent", at=later(minutes=5))
    take(report(State.BOUNCED, invitation, permanent=True))
    assert dispositions(wave) == {"ANSWERED": 1}
    invitation.contact.refresh_from_db()
    assert invitation.contact.failing == 1


def test_a_complaint_closes_the_way_for_good(wave: Any) -> None:
    from promontory.program.customers.models import Consent

    [invitation] = wave.invitations.all()
    for _ in range(2):
        take(report(State.COMPLAINED, invitation))
    assert dispositions(wave) == {"OPTED_OUT": 1}
    [said] = Consent.objects.all()
    assert (said.source, said.is_given, said.ways) == ("complaint", False, 1)


def test_a_soft_bounce_does_not_condemn_the_address(wave: Any) -> None:
    [invitation] = wave.invitations.all()
    take(report(State.BOUNCED, invitation, permanent=False, detail="Mailbox full"))
    assert dispositions(wave) == {"UNDELIVERABLE": 1}
    invitation.contact.refresh_from_db()
    assert invitation.contact.failing == 0


def test_a_report_about_nobody_has_no_effect(wave: Any) -> None:
    [invitation] = wave.invitations.all()
    strangers = (
        StatusUpdate(State.BOUNCED, NOW, reference="guessed", permanent=True),
        StatusUpdate(State.BOUNCED, NOW, provider_id="never-sent", permanent=True),
        StatusUpdate(State.COMPLAINED, NOW, address="stranger@example.org"),
        report(State.BOUNCED, invitation, number=3, permanent=True),
    )
    assert take(*strangers) == (0, 4)
    assert dispositions(wave) == {"SENT": 1}


@pytest.mark.parametrize("state", [State.BOUNCED, State.COMPLAINED, State.OPTED_OUT])
def test_an_address_alone_proves_nothing(wave: Any, state: State) -> None:
    from promontory.program.customers.models import Consent, Contact

    forged = StatusUpdate(state, NOW, address="customer0@example.org", permanent=True)
    assert take(forged) == (0, 1)
    assert dispositions(wave) == {"SENT": 1}
    assert not Consent.objects.exists()
    assert Contact.objects.get().failing == Contact.objects.get().closed == 0


def test_a_forged_complaint_by_mail_closes_no_way(wave: Any) -> None:
    from promontory.program.customers.models import Contact
    from promontory.program.outreach.actions.delivery_mail import take_mail
    from promontory.program.outreach.actions.delivery_statuses import Taken
    from tests.channels.email.test_bounces import complaint

    raw = complaint("abuse").replace(b"amal@", b"customer0@").replace(b"Message-ID", b"X-Nothing")
    assert take_mail(raw, at=later(hours=1)).reports == Taken(0, 1)
    assert dispositions(wave) == {"SENT": 1}
    assert Contact.objects.get().closed == 0


def test_a_delivery_nobody_knew_of_is_known_once_it_is_reported() -> None:
    from promontory.program.outreach.models import Delivery

    wave = a_wave(people(1))
    start(wave)
    [invitation] = wave.invitations.all()
    Delivery.objects.create(
        invitation=invitation, state="sending", run="9.1", due_at=NOW, changed_at=NOW
    )
    work()
    assert dispositions(wave) == {"DELIVERY_UNKNOWN": 1}
    take(report(State.DELIVERED, invitation))
    assert dispositions(wave) == {"DELIVERED": 1}


def test_a_lost_reminder_says_nothing_of_the_invitation(wave: Any) -> None:
    from promontory.program.outreach.models import Delivery

    [invitation] = wave.invitations.all()
    Delivery.objects.create(
        invitation=invitation, number=1, state="sent", due_at=NOW, changed_at=NOW
    )
    take(report(State.BOUNCED, invitation, number=1))
    assert dispositions(wave) == {"SENT": 1}


def test_mail_that_comes_back_is_read(wave: Any) -> None:
    from django.conf import settings

    from promontory.channels.email.references import unsubscribe_address
    from promontory.program.customers.models import Contact
    from promontory.program.outreach.actions.delivery_mail import take_mail
    from promontory.program.outreach.rules.messages import reference

    [invitation] = wave.invitations.all()
    ref = reference(invitation.pk, 0, key=settings.TOKEN_KEY)
    to = unsubscribe_address(ref, "acme.example")
    raw = f"From: someone@example.org\r\nTo: {to}\r\nSubject: unsubscribe\r\n\r\n".encode()
    for _ in range(2):
        assert take_mail(raw, at=later(hours=1)).reports.ours == 1
    assert dispositions(wave) == {"OPTED_OUT": 1}
    assert Contact.objects.get().closed == 1


def test_what_a_customer_writes_is_kept_once_and_encrypted(wave: Any) -> None:
    from promontory.channels.contract import Inbound
    from promontory.program.outreach.actions.outbox import hear
    from promontory.program.outreach.models import OutboxMessage
    from promontory.program.outreach.queries.outbox import heard

    said = Inbound("customer0@example.org", "ask@acme.example", "Nine!", "id-1", NOW)
    [pk] = hear(None, "email", [said, said], at=NOW)
    assert hear(None, "email", [said], at=NOW) == []
    row = OutboxMessage.objects.get(pk=pk)
    assert b"Nine" not in bytes(row.sealed)
    assert row.person == wave.invitations.get().contact.person_id
    assert heard(pk) == said


class TestTheDoor:
    """`/in/<channel>/<sender>`: who calls has to prove it."""

    def test_a_sender_that_is_not_there_is_not_found(self, client: Any, wave: Any) -> None:
        assert client.post("/in/email/nobody").status_code == 404

    def test_a_forged_call_is_refused_and_has_no_effect(
        self, client: Any, wave: Any, sender: Any
    ) -> None:
        # A plain mail server never calls: whoever does is somebody else.
        said = client.post(f"/in/email/{sender.key}", {"event": "bounce"})
        assert said.status_code == 403
        assert dispositions(wave) == {"SENT": 1}

    def test_a_call_for_another_channel_is_not_found(self, client: Any, sender: Any) -> None:
        assert client.post(f"/in/sms/{sender.key}").status_code == 404

    def test_a_report_signed_by_the_provider_counts_once_however_often_it_comes(
        self, client: Any
    ) -> None:
        from django.conf import settings
        from twilio.request_validator import RequestValidator

        from promontory.program.organization.access import SYSTEM
        from promontory.program.outreach.actions.senders import add_sender
        from promontory.program.outreach.models import Delivery
        from promontory.program.surveys.codes import CHANNELS

        wave = a_wave([{"phone": "+15005550006"}], channel=CHANNELS["sms"])
        start(wave)
        work()
        assert dispositions(wave) == {"SENT": 1}
        Delivery.objects.update(provider_id="SM123")
        texts = add_sender(
            name="Texts",
            provider="twilio",
            key="texts",
            values={"account_sid": "AC0", "auth_token": "token", "sender": "+15005550001"},
            by=SYSTEM,
            at=NOW,
        )
        path = f"/in/sms/{texts.key}/status"
        form = {"MessageSid": "SM123", "MessageStatus": "delivered", "To": "+15005550006"}
        sign = RequestValidator("token").compute_signature
        signature = sign(settings.PUBLIC_URL + path, form)
        forged = {"X-Twilio-Signature": sign(settings.PUBLIC_URL + path, {**form, "To": "+1"})}
        assert client.post(path, form, headers=forged).status_code == 403
        assert dispositions(wave) == {"SENT": 1}
        for _ in range(2):
            said = client.post(path, form, headers={"X-Twilio-Signature": signature})
            assert said.status_code == 204
            assert dispositions(wave) == {"DELIVERED": 1}
        [invitation] = wave.invitations.all()
        assert invitation.changes.count() == 2


@pytest.mark.parametrize(
    ("channel", "name", "said"),
    [(2, "sms", "Reply with a number from 0"), (6, "ivr", "Press a key from 0 to 9.")],
)
def test_texts_and_calls_can_be_tried_without_a_provider(
    channel: int, name: str, said: str
) -> None:
    from promontory.program.outreach.models import OutboxMessage
    from promontory.program.outreach.queries.outbox import opened

    wave = a_wave([{"phone": "+15005550006"}], channel=channel)
    start(wave)
    work()
    assert dispositions(wave) == {"SENT": 1}
    row = OutboxMessage.objects.get(channel=name)
    kept = opened(row.pk)
    assert kept.said["to"] == "+15005550006"
    assert said in kept.said["text"]
