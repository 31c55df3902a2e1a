"""What the simulators show: messages kept here instead of being sent, customer by customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from promontory.errors import NotFound
from promontory.program.customers.models import Contact
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.models import OutboxMessage
from promontory.program.outreach.queries.outbox import Kept, opened_page

_MOST = 50


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation; `is_ours` if we sent it."""

    text: str
    at: datetime
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A telephone with what was written to and from it, the oldest first."""

    contact: int
    number: str
    said: tuple[Said, ...]


def phones(*, viewer: Viewer) -> list[tuple[int, Kept]]:
    """Return the telephones that text messages were kept for, each with its latest."""
    viewer.must(Can.SEND)
    rows = OutboxMessage.objects.filter(channel="sms", direction="out", person__isnull=False)
    latest: dict[int, OutboxMessage] = {}
    for row in rows.order_by("-pk")[: _MOST * 4]:
        latest.setdefault(row.person or 0, row)
    some = list(latest.values())[:_MOST]
    contacts = dict(
        Contact.objects.filter(person__in=[row.person for row in some]).values_list(
            "person_id", "pk"
        )
    )
    opened = opened_page(some, viewer=viewer)
    return [(contacts[k.row.person or 0], k) for k in opened if k.row.person in contacts]


def thread(contact: int, *, viewer: Viewer) -> Thread | None:
    """Return what was written to and from one customer by text."""
    viewer.must(Can.SEND)
    person = Contact.objects.filter(pk=contact).values_list("person_id", flat=True).first()
    rows = list(
        OutboxMessage.objects.filter(channel="sms", person=person).order_by("-pk")[:_MOST]
        if person
        else []
    )
    kept = [each for each in opened_page(rows, viewer=viewer) if each.said]
    if not kept:
        return None
    said = tuple(
        Said(each.said["text"], each.row.at, each.row.direction == "out") for each in reversed(kept)
    )
    ours = next((each for each in kept if each.row.direction == "out"), None)
    number = ours.said["to"] if ours else kept[0].said["from"]
    return Thread(contact, number, said)


def calls(*, viewer: Viewer) -> list[Kept]:
    """Return the calls that rang nowhere, the latest first."""
    viewer.must(Can.SEND)
    rows = OutboxMessage.objects.filter(channel="ivr", direction="out").order_by("-pk")[:_MOST]
    return [each for each in opened_page(list(rows), viewer=viewer) if each.said]


def rung(call: Kept) -> Contact:
    """Return the customer whom a call was for."""
    found = Contact.objects.filter(person=call.row.person).first()
    if found is None:
        raise NotFound("There is no such call.")
    return found
