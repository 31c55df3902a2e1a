"""Accounts and contacts as people look at them, one by one or a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from promontory.errors import NotFound
from promontory.program.customers.models import (
    Account,
    AttributeChange,
    Contact,
    Dimension,
    DimensionValue,
    Stake,
)
from promontory.program.customers.queries.reading import find_contact, opened_many
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer
from promontory.program.organization.models import AuditEntry

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """An attribute of a contact: what it is now."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """That an attribute changed, in words."""

    label: str
    was: str
    now: str
    at: datetime
    by: str


def one_contact(pk: int, *, viewer: Viewer, hold: bool = False) -> Contact:
    """Return one contact; held, nobody changes it in the present transaction."""
    viewer.must_see_customers()
    wanted = Contact.objects.filter(pk=pk)
    found = wanted.select_for_update().first() if hold else wanted.select_related("account").first()
    if found is None:
        raise NotFound("There is no such contact.", remedy="Look the customer up again.")
    return found


def contact_of(customer: str, *, viewer: Viewer) -> Contact:
    """Return the contact with this customer number, or refuse."""
    viewer.must_see_customers()
    found = find_contact({"customer": customer})
    if found is None:
        raise NotFound("There is no contact with this customer number.")
    return found


def accounts_list(*, viewer: Viewer) -> QuerySet[Account]:
    """Return all accounts with how many contacts have a stake in each, by name."""
    viewer.must_see_customers()
    return Account.objects.annotate(people=Count("stakes")).order_by("name", "pk")


def one_account(pk: int, *, viewer: Viewer) -> Account:
    """Return one account, or refuse."""
    viewer.must_see_customers()
    found = Account.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such account.")
    return found


def account_of(key: str, *, viewer: Viewer) -> Account:
    """Return the account of this key, or refuse."""
    viewer.must_see_customers()
    found = Account.objects.filter(key=key.strip()).first()
    if found is None:
        raise NotFound(f"There is no account “{key.strip()[:60]}”.")
    return found


def stakes_in(account: Account, *, viewer: Viewer) -> QuerySet[Stake]:
    """Return the stakes in an account, in the order in which they came."""
    viewer.must_see_customers()
    return account.stakes.select_related("contact").order_by("contact")


def attributes_of(contact: Contact, *, viewer: Viewer) -> list[AttributeLine]:
    """Return the present attributes of a contact in words."""
    viewer.must_see_customers()
    pairs = {int(dimension): code for dimension, code in contact.attributes.items()}
    said = _labels(pairs.items())
    known = Dimension.objects.filter(pk__in=pairs).order_by("pk")
    return [
        AttributeLine(each.key, each.label, said.get((each.pk, pairs[each.pk]), ""))
        for each in known
    ]


def attribute_history(contact: Contact, *, viewer: Viewer) -> list[ChangeLine]:
    """Return the latest changes of a contact's attributes, newest first."""
    viewer.must_see_customers()
    changes = AttributeChange.objects.filter(contact=contact).select_related("dimension")
    latest = list(changes.order_by("-pk")[:_SHOWN])
    said = _labels([(c.dimension_id, code) for c in latest for code in (c.was, c.now)])
    return [
        ChangeLine(
            c.dimension.label,
            said.get((c.dimension_id, c.was), ""),
            said.get((c.dimension_id, c.now), ""),
            c.at,
            c.by,
        )
        for c in latest
    ]


def _labels(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    wanted = {pair for pair in pairs if pair[1]}
    rows = DimensionValue.objects.filter(
        dimension__in={dimension for dimension, _ in wanted}, code__in={code for _, code in wanted}
    )
    return {
        (dimension, code): label
        for dimension, code, label in rows.values_list("dimension", "code", "label")
    }


def looks_at(contact: Contact, *, viewer: Viewer) -> list[tuple[str, datetime]]:
    """Return who opened a contact and when, the latest first."""
    viewer.must_see_customers()
    entries = AuditEntry.objects.filter(
        verb="look", object_type=contact._meta.label_lower, object_id=str(contact.pk)
    )
    latest = list(entries.order_by("-pk")[:_SHOWN])
    names = organization.names({entry.by for entry in latest})
    return [(names[entry.by], entry.at) for entry in latest]


def names_of(contacts: Sequence[Contact], *, viewer: Viewer) -> dict[int, str]:
    """Return what to call each of these contacts: the name, else an address, else the number."""
    viewer.must_see_customers()
    return {
        contact.pk: said.get("name") or said.get("email") or said.get("customer") or "erased"
        for contact, said in zip(contacts, opened_many(contacts), strict=True)
    }
