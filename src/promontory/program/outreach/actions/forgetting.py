"""What asking holds of a person goes with their erasure; what became of them stays counted."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from promontory.program.customers.models import Contact
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import (
    Delivery,
    DispositionChange,
    Invitation,
    OutboxMessage,
    TouchpointEvent,
)

_REFUSED = (Disposition.UNDELIVERABLE, Disposition.DELIVERY_UNKNOWN)


def forget_person(person_id: int, *, by: str, at: datetime) -> None:
    """Blank what is held of a person; runs within the ledger's erasure.

    Messages go, and what events said; nothing more is sent to them. Their dispositions stay, for
    without them no frame would add up.
    """
    OutboxMessage.objects.filter(person=person_id).delete()
    for contact in Contact.objects.filter(person=person_id).values_list("pk", flat=True):
        mine = Invitation.objects.filter(contact=contact)
        planned = mine.filter(disposition=Disposition.PLANNED)
        ids = list(planned.values_list("pk", flat=True))
        dispose(ids, Disposition.CANCELLED, why="erased", by=by, at=at)
        mine.update(score_clicked=None)
        # Servers name the customer in their refusals.
        DispositionChange.objects.filter(invitation__in=mine, now__in=_REFUSED).update(why="")
        # What a provider calls the message leads back to the address it went to.
        Delivery.objects.filter(invitation__contact=contact).update(provider_id="", detail="")
        TouchpointEvent.objects.filter(contact=contact).update(
            attributes={},
            key=Concat(Value("erased:"), Cast(F("pk"), models.CharField())),
        )
