"""A telephone in the pages: what is pressed there goes the way of a real call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.program.answering.test_conversations import by
from tests.program.answering.test_hosted import answers_of, the_response


@pytest.fixture
def owner(client: Client, survey: Any) -> Client:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import add_person

    person, _ = add_person(
        email="olga@example.org", name="Olga", role="owner", by=SYSTEM, at=timezone.now()
    )
    client.force_login(person)
    return client


def kept(invited: Any, channel: str) -> Any:
    """Send the invitation to nowhere, as a wave does while no sender is set up."""
    from django.conf import settings

    from promontory.channels.contract import Message
    from promontory.program.outreach.actions.outbox import send_to_contact
    from promontory.program.outreach.models import OutboxMessage
    from promontory.program.outreach.rules.messages import reference

    ref = reference(invited.invitation.pk, 0, key=settings.TOKEN_KEY)
    message = Message("+4915112345678", ref, timezone.now(), text="How likely …?")
    send_to_contact(channel, invited.contact, message)
    return OutboxMessage.objects.get()


def test_a_call_taken_in_the_pages_is_an_answer(
    owner: Client, survey: Any, settled: Callable[[], int]
) -> None:
    message = kept(by(survey, channel=6), "ivr")
    address = f"/simulators/phone/{message.pk}"
    assert b"+4915112345678" in owner.get("/simulators/phone").content
    assert b"It rings." in owner.get(address).content

    def press(key: str, page: Any = None, **more: str) -> Any:
        state = (
            re.findall(r'name="state" value="([^"]*)"', page.content.decode())[0] if page else ""
        )
        return owner.post(address, {"press": key, "state": state, **more})

    said = press("answer")
    assert b"Hello, this is Northwind." in said.content
    ten = press("0", press("1", said))
    assert b"It listens for a reason." in ten.content
    assert b"The call is over." in press("say", ten, said="patient and kind").content
    settled()
    assert answers_of(the_response()) == {"recommend": 10}
    assert the_response().verbatim.text == "patient and kind"


def test_a_text_answered_in_the_pages_is_an_answer(
    owner: Client, survey: Any, settled: Callable[[], int]
) -> None:
    invited = by(survey, channel=2)
    kept(invited, "sms")
    address = f"/simulators/sms/{invited.contact.pk}"
    assert b"+4915112345678" in owner.get("/simulators/sms").content
    owner.post(address, {"text": "9 <b>great</b> service"})
    page = owner.get(address).content
    assert b"&lt;b&gt;great" in page
    settled()
    assert answers_of(the_response()) == {"recommend": 9}


def test_who_may_not_send_may_not_try(client: Client, survey: Any) -> None:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import add_person

    person, _ = add_person(
        email="eve@example.org", name="Eve", role="executive", by=SYSTEM, at=timezone.now()
    )
    client.force_login(person)
    for path in ("/simulators/sms", "/simulators/phone", "/outreach/doors", "/outreach/sites"):
        assert client.get(path).status_code == 403
