"""What providers report of our messages: whatever order it comes in, and however often."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from promontory.channels.contract import State, StatusUpdate
from promontory.program.customers import actions as customers
from promontory.program.customers.codes import WAY_OF_CHANNEL, Way
from promontory.program.customers.models import Contact
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.actions.sending_optout import opt_out_contact
from promontory.program.outreach.codes import DeliveryState, Disposition
from promontory.program.outreach.models import Delivery
from promontory.program.outreach.rules.messages import read_reference
from promontory.program.outreach.rules.sending_outcomes import without_addresses
from promontory.program.surveys.codes import CHANNELS

log = logging.getLogger("promontory.outreach")

BY = "system"
_UNDER_WAY = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
# From which states a delivery may go where: a bounce may follow a delivery, nothing follows it.
_FROM = {
    DeliveryState.DELIVERED: _UNDER_WAY,
    DeliveryState.FAILED: _UNDER_WAY,
    DeliveryState.BOUNCED: (*_UNDER_WAY, DeliveryState.DELIVERED, DeliveryState.FAILED),
    DeliveryState.COMPLAINED: (*_UNDER_WAY, DeliveryState.DELIVERED),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report: how many messages it spoke of that are ours, and that are not."""

    ours: int = 0
    unknown: int = 0


def take_statuses(channel: str, updates: Sequence[StatusUpdate], *, at: datetime) -> Taken:
    """Act on what a provider reports; what is not about a message of ours is logged and no more."""
    ours = 0
    for update in updates:
        ours += _take(channel, update, at)
    if unknown := len(updates) - ours:
        log.warning("%d reports by %s are about no message of ours", unknown, channel)
    return Taken(ours, unknown)


@transaction.atomic
def _take(channel: str, update: StatusUpdate, at: datetime) -> bool:
    delivery = _delivery_of(channel, update)
    if delivery is None:
        # By its address alone anybody could forge a bounce or a complaint of anybody.
        return False
    contact = delivery.invitation.contact
    way, detail = WAY_OF_CHANNEL.get(channel, Way.NONE), without_addresses(update.detail)
    match update.state:
        case State.DELIVERED:
            _to(delivery, DeliveryState.DELIVERED, Disposition.DELIVERED, "", at)
        case State.BOUNCED:
            why = detail or "The address refused it."
            _to(delivery, DeliveryState.BOUNCED, Disposition.UNDELIVERABLE, why, at)
            if update.permanent:
                _mark_failing(contact, way, why, at)
        case State.FAILED:
            why = detail or "The provider could not send it."
            _to(delivery, DeliveryState.FAILED, Disposition.UNDELIVERABLE, why, at)
        case State.UNREACHED:
            _to(delivery, DeliveryState.FAILED, None, detail or "Nobody picked up.", at)
        case State.COMPLAINED:
            _to(delivery, DeliveryState.COMPLAINED, None, detail, at)
            opt_out_contact(contact, way, source="complaint", by=SYSTEM, at=at)
        case State.OPTED_OUT:
            source = "one_click" if channel == "email" else "keyword"
            opt_out_contact(contact, way, source=source, by=SYSTEM, at=at)
        case State.DEFERRED:
            pass
    return True


def _to(
    delivery: Delivery,
    state: DeliveryState,
    disposition: Disposition | None,
    why: str,
    at: datetime,
) -> None:
    moved = Delivery.objects.filter(pk=delivery.pk, state__in=_FROM[state]).update(
        state=state, detail=why[:300], changed_at=at
    )
    # A reminder that is lost says nothing of the invitation, which has arrived.
    arrived = disposition is Disposition.DELIVERED
    if moved and disposition is not None and (delivery.number == 0 or arrived):
        dispose([delivery.invitation_id], disposition, why=why, by=BY, at=at)


def _mark_failing(contact: Contact, way: Way, why: str, at: datetime) -> None:
    if way and contact.details is not None and not contact.failing & way:
        customers.mark_failing(contact, way, note=why, by=SYSTEM, at=at)


def _delivery_of(channel: str, update: StatusUpdate) -> Delivery | None:
    """Return the message a report is about: by our reference, else by the provider's own."""
    rows = Delivery.objects.select_related("invitation__contact")
    rows = rows.filter(invitation__channel=CHANNELS[channel])
    found = read_reference(update.reference, key=settings.TOKEN_KEY) if update.reference else None
    if found is not None:
        return rows.filter(invitation=found[0], number=found[1]).first()
    if update.provider_id:
        return rows.filter(provider_id=update.provider_id[:200]).first()
    return None
