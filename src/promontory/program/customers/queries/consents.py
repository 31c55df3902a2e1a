"""What customers have said about being asked, and by which ways they can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import QuerySet

from promontory.program.customers.codes import Way
from promontory.program.customers.models import Consent, Contact
from promontory.program.customers.rules.consents import Refused, Said, refusals
from promontory.program.organization.access import Viewer

_AT_ONCE = 5_000


def consent_history(contact: Contact, *, viewer: Viewer) -> QuerySet[Consent]:
    """Return all that was said about asking a contact, oldest first."""
    viewer.must_see_customers()
    return Consent.objects.filter(contact=contact).order_by("pk")


def reachable(contact: Contact) -> Way:
    """Return the ways for which there is an address; in the app everybody known can be met."""
    ways = Way.NONE
    if contact.email_index is not None:
        ways |= Way.EMAIL
    if contact.phone_index is not None:
        ways |= Way.SMS | Way.VOICE
    if contact.customer_index is not None or contact.email_index is not None:
        ways |= Way.IN_APP
    return ways


def ways_open(contact: Contact) -> Way:
    """Return the ways a contact may be asked by: reachable, neither closed nor failing."""
    return Way(reachable(contact) & ~(contact.closed | contact.failing))


def standing_refusals(contacts: Collection[int]) -> dict[int, dict[int, Refused]]:
    """Return, by contact and way, what closed each way that is closed."""
    history: dict[int, list[Said]] = defaultdict(list)
    wanted = list(contacts)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Consent.objects.filter(contact__in=wanted[start : start + _AT_ONCE])
        told = rows.order_by("pk").values_list("contact", "ways", "is_given", "source", "at")
        for contact, ways, is_given, source, at in told:
            history[contact].append(Said(ways, is_given, source, at))
    return {contact: refusals(said) for contact, said in history.items()}
