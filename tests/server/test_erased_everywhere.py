"""After an erasure nothing of the person is left in any table, and the frame still adds up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from promontory.program.organization.access import SYSTEM
from tests.program.answering.conftest import NOW, Invited, invite, make_survey, own_home

__all__ = ["own_home"]

EMAIL, PHONE, NAME = "ada.lovelace@example.org", "+4930123456", "Lovelace-Byron"
SAID = ("Nobody answered me", "Her bridge is broken", "tell no tale", "an overdue parcel")
TRACES = (EMAIL, PHONE, PHONE[1:], NAME, "Customer-4711", *SAID)


def lived(client: Client, settled: Any) -> Invited:
    """Let a customer do, and have done to them, all that leaves a trace."""
    from promontory.channels.contract import Inbound, State, StatusUpdate
    from promontory.jobs.draining import drain
    from promontory.program.answering.actions.intake import NewAct, keep
    from promontory.program.answering.codes import Act
    from promontory.program.answering.models import Intake
    from promontory.program.customers import actions as customers
    from promontory.program.customers.codes import Way
    from promontory.program.followup import actions as followup
    from promontory.program.followup.models import Case
    from promontory.program.organization.queries import viewer_of
    from promontory.program.outreach.actions import outbox, take_event
    from promontory.program.outreach.actions.delivery_statuses import take_statuses
    from promontory.program.outreach.models import Delivery
    from promontory.program.outreach.rules.messages import reference
    from promontory.program.surveys.actions import add_touchpoint, create_journey
    from tests.program.answering.test_hosted import hidden
    from tests.server.callers import person_of

    owner = person_of("owner")
    asked = invite(make_survey(owner=owner), email=EMAIL)
    later = invite(asked.invitation.wave.survey, email=EMAIL)
    contact = asked.contact
    more = customers.ContactFields(name=NAME, phone=PHONE, customer="Customer-4711")
    customers.update_contact(contact, more, by=SYSTEM, at=NOW)
    customers.say(
        contact, Way.VOICE, is_given=False, source="staff", note=SAID[2], by=SYSTEM, at=NOW
    )
    customers.place_hold(contact=contact, reason="other", note=SAID[2], by=SYSTEM, at=NOW)
    journey = create_journey(name="J", by=SYSTEM, at=NOW)
    add_touchpoint(journey, name="Support", by=SYSTEM, at=NOW)
    take_event(
        "support", key="parcel of Customer-4711", contact=contact, occurred_at=NOW,
        attributes={"what": SAID[3]}, by=SYSTEM, at=NOW,
    )  # fmt: skip
    page = client.get(f"{asked.link}?score=3")
    client.post(asked.link, {**hidden(page), "q-recommend": "3", "q-reason": SAID[0]})
    settled()
    Delivery.objects.create(
        invitation=later.invitation, number=0, state="sent", provider_id=f"for {EMAIL}",
        due_at=NOW, changed_at=NOW,
    )  # fmt: skip
    ref = reference(later.invitation.pk, 0, key=settings.TOKEN_KEY)
    told = StatusUpdate(State.BOUNCED, NOW, reference=ref, detail=f"550 {NAME} <{EMAIL}> is gone")
    take_statuses("email", [told], at=NOW)
    outbox.hear(None, "sms", [Inbound(PHONE, "", SAID[1], "one", NOW)], at=NOW)
    act = NewAct(
        act=Act.COMPLETE, survey=0, version=0, session="x", channel=1, received_at=NOW,
        invitation=later.invitation.pk, words={"reason": SAID[0]},
    )  # fmt: skip
    keep([act])
    Intake.objects.update(problem="could not be settled")
    for minutes in (2, 4):  # the mail to the owner waits a little for the words
        drain(at=timezone.now() + timedelta(minutes=minutes))
    case = Case.objects.get()
    followup.add_note(case, text=SAID[1], by=viewer_of(owner), at=NOW)
    return asked


def left() -> Iterator[str]:
    """Yield where one of the traces stands in the clear, or sealed with a key that stays."""
    from promontory.program.answering.actions import intake
    from promontory.program.customers.identity import blind_index
    from promontory.program.ledger.vault import open_bytes
    from promontory.program.outreach.rules.outbox import house_key

    kinds = {"email": EMAIL, "phone": PHONE, "customer": "Customer-4711"}
    blind = {blind_index(kind, value, settings.INDEX_KEY) for kind, value in kinds.items()}
    keys = (
        (intake._key(), b"intake"),
        (house_key(settings.MASTER_KEY), b"outbox"),
    )
    for model in apps.get_models():
        for row in model._default_manager.values():
            for column, value in row.items():
                said = str(value)
                if isinstance(value, (bytes, memoryview)):
                    raw = bytes(value)
                    if raw in blind:
                        yield f"{model.__name__}.{column}: index"
                    said = raw.decode("utf-8", "replace")
                    for key, place in keys:
                        try:
                            said += open_bytes(key, raw, place).decode()
                        except Exception:
                            continue
                if any(trace.casefold() in said.casefold() for trace in TRACES):
                    yield f"{model.__name__}.{column}"


def test_nothing_of_an_erased_person_is_left_in_any_table(client: Client) -> None:
    from promontory.jobs.draining import drain
    from promontory.program.answering.actions.settling import settle
    from promontory.program.outreach.models import Invitation, OutboxMessage
    from promontory.program.responses.actions.erasing import erase_contact

    asked = lived(client, lambda: settle(at=timezone.now() + timedelta(seconds=1)))
    found = {place.partition(".")[0] for place in left()}
    assert found >= {
        "Contact", "Consent", "Hold", "TouchpointEvent", "Delivery", "DispositionChange", "Intake",
    }  # fmt: skip
    assert OutboxMessage.objects.filter(staff__isnull=False).exists()
    before = dict(Invitation.objects.values_list("pk", "disposition"))

    erase_contact(asked.contact.pk, by=SYSTEM, at=timezone.now())
    drain(at=timezone.now() + timedelta(minutes=2))

    assert sorted(set(left())) == []
    assert not OutboxMessage.objects.exists()
    assert dict(Invitation.objects.values_list("pk", "disposition")) == before
    assert len(before) == 2
