"""Keeping messages here: those that go nowhere yet, and those that customers send us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from promontory.channels.contract import Inbound, Means, Message, Receipt
from promontory.program.customers import queries as customers
from promontory.program.customers.models import Contact
from promontory.program.events import emit
from promontory.program.ledger import actions as ledger
from promontory.program.organization.access import Viewer
from promontory.program.organization.actions import audit
from promontory.program.organization.models import User
from promontory.program.outreach.events import MessageHeard
from promontory.program.outreach.models import OutboxMessage, Sender
from promontory.program.outreach.queries import senders
from promontory.program.outreach.rules import outbox as rules


def kept_of(
    message: Message,
    provider_id: str,
    *,
    channel: str,
    key: bytes,
    person: int | None,
    delivery: int | None = None,
    staff: User | None = None,
    sender: Sender | None = None,
) -> OutboxMessage:
    """Return a message as a row to be saved with whatever else is recorded of it."""
    return OutboxMessage(
        delivery_id=delivery,
        person=person,
        staff=staff,
        channel=channel,
        sender=sender,
        provider_id=provider_id[:200],
        sealed=rules.seal(rules.of_message(message, provider_id), key),
        at=message.at,
    )


def send_to_contact(channel: str, contact: Contact, message: Message) -> Receipt:
    """Send one message to a customer outside of any wave, such as a reply in a conversation.

    By the channel's default sender; without one it is kept here. Raises `NotSent`.
    """
    key = ledger.keys_of([contact.person_id]).get(contact.person_id)
    return _send_one(channel, message, key=key, person=contact.person_id, staff=None)


def send_to_staff(user: User, message: Message, *, about: Contact | None = None) -> Receipt:
    """Send a mail to somebody of ours; without a mail sender it is kept here. Raises `NotSent`.

    `about` is the customer it speaks of: kept, it is theirs, and goes when they are erased.
    """
    person = about.person_id if about else None
    key = ledger.keys_of([person]).get(person) if person is not None else None
    return _send_one("email", message, key=key, person=person, staff=user)


def _send_one(
    channel: str, message: Message, *, key: bytes | None, person: int | None, staff: User | None
) -> Receipt:
    sender = senders.default_of(channel)
    kept: list[tuple[Message, str]] = []
    means = Means(keep=lambda message, provider_id: kept.append((message, provider_id)))
    with senders.provider_of(sender, channel, means) as provider:
        receipt = provider.send(message)
    seal_with = key or rules.house_key(settings.MASTER_KEY)
    for said, provider_id in kept:
        row = kept_of(
            said,
            provider_id,
            channel=channel,
            key=seal_with,
            person=person if key else None,
            staff=staff,
            sender=sender,
        )
        row.save(force_insert=True)
    return receipt


def hear(
    sender: Sender | None, channel: str, inbounds: Sequence[Inbound], *, at: datetime
) -> list[int]:
    """Keep what customers sent us and say so; what was heard before is not heard again."""
    return [pk for each in inbounds if (pk := _hear(sender, channel, each, at)) is not None]


def _hear(sender: Sender | None, channel: str, inbound: Inbound, at: datetime) -> int | None:
    contact = customers.find_contact(_identifiers(channel, inbound.from_))
    keys = ledger.keys_of([contact.person_id]) if contact else {}
    person = contact.person_id if contact and contact.person_id in keys else None
    key = keys[person] if person is not None else rules.house_key(settings.MASTER_KEY)
    name = f"{sender.key if sender else 'local'}:{inbound.provider_id}"[:200]
    try:
        with transaction.atomic():
            row = OutboxMessage.objects.create(
                person=person,
                channel=channel,
                direction="in",
                sender=sender,
                provider_id=name,
                sealed=rules.seal(rules.of_inbound(inbound), key),
                at=at,
            )
            emit(MessageHeard(message=row.pk, channel=channel), at=at)
    except IntegrityError:
        return None
    return row.pk


def _identifiers(channel: str, address: str) -> Mapping[str, str]:
    return {"email": address} if channel == "email" else {"phone": address}


@transaction.atomic
def looked_at(row: OutboxMessage, *, by: Viewer, at: datetime) -> None:
    """Record that somebody has read a message to or from a customer."""
    audit("look", row, by=by, at=at, detail={"channel": row.channel, "direction": row.direction})
