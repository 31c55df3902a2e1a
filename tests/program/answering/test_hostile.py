"""What a hostile or curious somebody sends: refused in words, with nothing changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.program.answering.conftest import NOW, Invited, invite

LONG = "9" * 5_000


def test_numbers_too_long_for_any_database_are_no_fault_of_ours(
    client: Client, invited: Invited
) -> None:
    assert client.post(f"/u/{invited.token}", {"undo": LONG}).status_code == 200
    assert client.post(invited.link, {"page": LONG, "q-recommend": "9"}).status_code < 400


def test_a_code_in_other_digits_is_wrong_and_no_more(client: Client, survey: Any) -> None:
    from promontory.program.outreach.models import OpenLink

    OpenLink.objects.create(
        key="kk", survey=survey, name="Desk", kind="kiosk", created_at=NOW, created_by="system"
    )
    assert client.post("/k/kk/exit", {"code": "١٢٣٤٥٦"}).status_code == 403


def test_what_an_app_is_given_decides_nothing_about_asking(client: Client, survey: Any) -> None:
    from promontory.program.surveys.codes import CHANNELS

    asked = invite(survey)
    asked.invitation.channel = CHANNELS["in_app"]
    asked.invitation.save()
    assert client.get(asked.link).status_code == 200
    for path in ("p", "u"):
        assert client.post(f"/{path}/{asked.token}", {"none": "1"}).status_code == 404
    asked.contact.refresh_from_db()
    assert (asked.contact.closed, asked.contact.consents.count()) == (0, 0)


@pytest.mark.parametrize("is_local", [True, False])
def test_nobody_answers_for_a_customer_once_messages_really_go_out(
    client: Client, survey: Any, is_local: bool
) -> None:
    from promontory.channels.contract import Inbound
    from promontory.program.customers.actions import ContactFields, update_contact
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.models import AuditEntry
    from promontory.program.outreach.actions import outbox
    from promontory.program.outreach.actions.senders import add_sender
    from promontory.program.outreach.models import OutboxMessage
    from tests.server.callers import person_of

    asked = invite(survey)
    said = ContactFields(phone="+4930123456")
    update_contact(asked.contact, said, source="api", by=SYSTEM, at=NOW)
    outbox.hear(None, "sms", [Inbound("+4930123456", "", "Hello", "one", NOW)], at=NOW)
    if not is_local:
        given = {"account_sid": "AC1", "auth_token": "t", "sender": "+15550001"}
        add_sender(name="Twilio", provider="twilio", values=given, by=SYSTEM, at=NOW)
    client.force_login(person_of("owner"))
    answer = client.post(f"/simulators/sms/{asked.contact.pk}", {"text": "10"})
    assert answer.status_code == (302 if is_local else 409)
    assert OutboxMessage.objects.count() == 1 + is_local
    assert AuditEntry.objects.filter(verb="answer as").count() == is_local
