"""Opting out: what a customer says once holds at once, for everything under way as well."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from promontory.program.customers import actions as customers
from promontory.program.customers.codes import WAY_OF_CHANNEL, Way
from promontory.program.customers.models import Contact
from promontory.program.organization.access import Viewer
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.codes import OPEN, Disposition
from promontory.program.outreach.models import Invitation
from promontory.program.surveys.codes import CHANNELS


@transaction.atomic
def opt_out(
    invitation: Invitation, ways: Way | int, *, source: str, by: Viewer, at: datetime
) -> Way:
    """Ask the customer of an invitation by none of these ways again; return those newly closed.

    What is planned for them is held back, what they have in hand is ended as opted out. Saying it
    again changes nothing, and somebody who was erased has nothing left to be asked by.
    """
    return opt_out_contact(invitation.contact, ways, source=source, by=by, at=at)


@transaction.atomic
def opt_out_contact(
    contact: Contact, ways: Way | int, *, source: str, by: Viewer, at: datetime
) -> Way:
    """Do the same for a customer of whom no invitation is at hand, as after a STOP."""
    held = Contact.objects.select_for_update().get(pk=contact.pk)
    fresh = Way(ways) & ~Way(held.closed)
    if fresh and held.details is not None:
        customers.say(held, fresh, is_given=False, source=source, by=by, at=at)
    codes = [CHANNELS[name] for name, way in WAY_OF_CHANNEL.items() if way & Way(ways)]
    under_way = Invitation.objects.filter(contact=held, channel__in=codes, disposition__in=OPEN)
    planned: list[int] = []
    asked: list[int] = []
    for pk, disposition in under_way.values_list("pk", "disposition"):
        (planned if disposition == Disposition.PLANNED else asked).append(pk)
    dispose(planned, Disposition.HELD_OPTED_OUT, why=source, by=by.by, at=at)
    dispose(asked, Disposition.OPTED_OUT, why=source, by=by.by, at=at)
    return fresh
