"""Answering in a customer's stead, to try things out: only while nothing is really sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from promontory.errors import Conflict
from promontory.program.customers.models import Contact
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.queries import senders


@transaction.atomic
def play(channel: str, contact: Contact, *, by: Viewer, at: datetime) -> None:
    """Record that somebody of ours answers as this customer, or refuse it: a sender is set up."""
    by.must(Can.SEND)
    sender = senders.default_of(channel)
    if sender is not None and not senders.provider_of(sender, channel).capabilities.local:
        raise Conflict(
            f"“{sender.name}” sends to customers: nobody answers here in their stead.",
            remedy="Let the channel's messages be kept here to try it out.",
        )
    audit("answer as", contact, by=by, at=at, detail={"channel": channel})
