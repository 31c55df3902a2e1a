"""What respondents choose about being asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from promontory.program.customers import actions as customers
from promontory.program.customers.codes import Way
from promontory.program.customers.models import Contact
from promontory.program.organization.access import Can
from promontory.program.outreach.actions.sending_optout import opt_out
from promontory.program.outreach.models import Invitation
from promontory.program.responses.actions import RESPONDENT

_THEMSELVES = replace(RESPONDENT, can=frozenset({Can.MANAGE_CUSTOMERS}))
"""A customer, as far as their own details go."""


@transaction.atomic
def choose(invitation: int, ways: Way, *, language: str = "", source: str, at: datetime) -> Contact:
    """Let who was invited be asked by these ways only, and in this language if one is named."""
    contact = _contact(invitation)
    closing = Way.ALL & ~ways & ~Way(contact.closed)
    opening = ways & Way(contact.closed)
    if closing:
        _refuse(invitation, closing, source=source, at=at)
    if opening:
        customers.say(contact, opening, is_given=True, source=source, by=RESPONDENT, at=at)
    if language and language != contact.language:
        said = customers.ContactFields(language=language)
        customers.update_contact(contact, said, source="preferences", by=_THEMSELVES, at=at)
    return _contact(invitation)


@transaction.atomic
def leave(invitation: int, *, source: str, at: datetime) -> Way:
    """Ask who was invited no more, by no way, and return the ways this has closed."""
    closing = Way.ALL & ~Way(_contact(invitation).closed)
    if closing:
        _refuse(invitation, closing, source=source, at=at)
    return closing


@transaction.atomic
def come_back(invitation: int, ways: Way, *, source: str, at: datetime) -> None:
    """Undo a leaving."""
    contact = _contact(invitation)
    opening = ways & Way(contact.closed)
    if opening:
        customers.say(contact, opening, is_given=True, source=source, by=RESPONDENT, at=at)


def _refuse(invitation: int, ways: Way, *, source: str, at: datetime) -> None:
    found = Invitation.objects.select_related("contact").get(pk=invitation)
    opt_out(found, ways, source=source, by=RESPONDENT, at=at)


def _contact(invitation: int) -> Contact:
    return Contact.objects.select_related("person").get(invitations=invitation)
