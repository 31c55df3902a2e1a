"""Answers by text message and by phone, from the door a provider calls to what counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.program.answering.conftest import Invited, invite
from tests.program.answering.test_hosted import answers_of, the_response

PHONE = "+4915112345678"


@pytest.fixture
def texted(survey: Any) -> Invited:
    return by(survey, channel=2)


def by(survey: Any, *, channel: int) -> Invited:
    """Invite somebody who has a telephone, by text or by a call."""
    from promontory.program.customers.actions import ContactFields, update_contact
    from promontory.program.organization.access import SYSTEM

    made = invite(survey)
    at = timezone.now()
    update_contact(made.contact, ContactFields(phone=PHONE), by=SYSTEM, at=at)
    made.contact.refresh_from_db()
    made.invitation.channel = channel
    made.invitation.invited_at = at - timedelta(hours=1)
    made.invitation.save()
    return made


def says(text: str, *, number: str) -> None:
    """Let the customer write, and work what follows."""
    from promontory.channels.contract import Inbound
    from promontory.jobs.draining import drain
    from promontory.program.outreach.actions.outbox import hear

    at = timezone.now()
    hear(None, "sms", [Inbound(PHONE, "12345", text, number, at)], at=at)
    drain(at=timezone.now() + timedelta(seconds=1))


def replies() -> list[str]:
    from promontory.program.outreach.models import OutboxMessage
    from promontory.program.outreach.queries.outbox import opened

    out = OutboxMessage.objects.filter(channel="sms", direction="out").order_by("pk")
    return [opened(row.pk).said["text"] for row in out]


def test_a_score_and_a_reason_by_text(texted: Invited, settled: Callable[[], int]) -> None:
    says("9", number="m1")
    assert replies() == ["Thank you. What is the main reason for your score?"]
    says("friendly people", number="m2")
    assert replies()[-1] == "Thank you for your answer."
    settled()
    response = the_response()
    assert (answers_of(response), response.verbatim.text) == ({"recommend": 9}, "friendly people")
    assert (response.is_partial, response.channel) == (False, 2)
    assert texted.disposition.name == "ANSWERED"


def test_a_message_that_comes_twice_counts_once(
    texted: Invited, settled: Callable[[], int]
) -> None:
    says("3", number="m1")
    says("3", number="m1")
    settled()
    assert len(replies()) == 1
    assert answers_of(the_response()) == {"recommend": 3}


def test_eleven_is_asked_again_and_never_clipped(
    texted: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.responses.models import Response

    says("11", number="m1")
    assert replies() == ["Please reply with a number from 0 to 10."]
    settled()
    assert not Response.objects.exists()


def test_stop_ends_it_at_once(texted: Invited, settled: Callable[[], int]) -> None:
    says("STOP", number="m1")
    texted.contact.refresh_from_db()
    assert texted.contact.closed & 2
    assert texted.disposition.name == "OPTED_OUT"
    assert texted.contact.consents.get().source == "keyword"
    says("why?", number="m2")
    assert len(replies()) == 1


def test_words_before_a_score_are_kept_with_it(texted: Invited, settled: Callable[[], int]) -> None:
    says("the parcel was late", number="m1")
    says("4", number="m2")
    says("and broken", number="m3")
    settled()
    assert answers_of(the_response()) == {"recommend": 4}
    assert "the parcel was late" in the_response().verbatim.text


def test_who_is_unknown_is_not_answered(survey: Any) -> None:
    says("9", number="m1")
    assert replies() == []


@pytest.fixture
def rung(survey: Any) -> Any:
    """Somebody who is called, the voice service's account, and its signature."""
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.senders import add_sender
    from promontory.program.outreach.models import Sender

    made = by(survey, channel=6)
    add_sender(
        name="Voice",
        provider="twilio_voice",
        address="+12025550100",
        values={"account_sid": "AC" + "1" * 32, "auth_token": "secret", "sender": "+12025550100"},
        per_second=1,
        by=SYSTEM,
        at=timezone.now(),
    )
    return made, Sender.objects.get()


def press(client: Client, rung: Any, address: str, **form: str) -> Any:
    """Call back as Twilio does, signed by its official library."""
    from django.conf import settings
    from twilio.request_validator import RequestValidator

    given = {"CallSid": "CA1", "CallStatus": "in-progress", "To": PHONE, **form}
    url = address if address.startswith("http") else settings.PUBLIC_URL + address
    mark = RequestValidator("secret").compute_signature(url, given)
    path = url.removeprefix(settings.PUBLIC_URL)
    return client.post(path, given, headers={"X-Twilio-Signature": mark})


def start(rung: Any) -> str:
    from django.conf import settings

    from promontory.program.outreach.rules.messages import reference

    made, sender = rung
    ref = reference(made.invitation.pk, 0, key=settings.TOKEN_KEY)
    return f"/in/ivr/{sender.key}/answer?call={ref}"


def following(said: Any) -> str:
    [address] = re.findall(r'action="([^"]+)"', said.content.decode())
    return str(address).replace("&amp;", "&")


def test_a_ten_by_phone_is_never_a_one(
    client: Client, rung: Any, settled: Callable[[], int]
) -> None:
    said = press(client, rung, start(rung))
    assert said.status_code == 200
    assert "Hello, this is Northwind." in said.content.decode()
    one = press(client, rung, following(said), Digits="1")
    ten = press(client, rung, following(one), Digits="0")
    press(client, rung, following(one), Digits="0")
    press(
        client,
        rung,
        following(ten),
        RecordingUrl="https://voice.example/r1",
        TranscriptionText="kind",
    )
    settled()
    response = the_response()
    assert (answers_of(response), response.verbatim.text) == ({"recommend": 10}, "kind")
    assert (response.is_partial, response.channel) == (False, 6)


def test_a_forged_or_foreign_call_is_refused(client: Client, rung: Any) -> None:
    unsigned = client.post(start(rung), {"CallSid": "CA1", "CallStatus": "in-progress"})
    assert unsigned.status_code == 403
    said = press(client, rung, start(rung))
    forged = following(said).replace("state=q", "state=r")
    assert press(client, rung, forged, Digits="9").status_code == 403
    stranger = start(rung).rpartition("=")[0] + "=AAAAAAAAAAAA"
    assert press(client, rung, stranger).status_code == 404


def test_the_opt_out_key_ends_calls(client: Client, rung: Any) -> None:
    said = press(client, rung, start(rung))
    press(client, rung, following(said), Digits="*")
    made, _ = rung
    made.contact.refresh_from_db()
    assert made.contact.closed & 4
    assert made.disposition.name == "OPTED_OUT"
