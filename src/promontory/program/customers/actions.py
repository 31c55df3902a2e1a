"""What can be done about customers: make a contact, an account, a dimension and its codes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from promontory.errors import BadInput
from promontory.program.customers import queries
from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.customers.models import Account, Contact, Dimension, DimensionValue
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import seal_bytes
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit


@dataclass(frozen=True, slots=True)
class NewDimension:
    """A dimension to be: how it is labelled, and whether it survives a person's erasure."""

    label: str
    is_declared: bool = False


@transaction.atomic
def ensure_dimensions(wanted: Mapping[str, NewDimension], *, at: datetime) -> dict[str, Dimension]:
    """Return the dimension of each key, made now where there is none; no other is changed."""
    made = [
        Dimension(key=key, label=new.label, is_declared=new.is_declared, created_at=at)
        for key, new in wanted.items()
    ]
    Dimension.objects.bulk_create(made, ignore_conflicts=True)
    return {found.key: found for found in Dimension.objects.filter(key__in=wanted)}


@transaction.atomic
def declare_dimension(dimension: Dimension, *, by: Viewer, at: datetime) -> None:
    """Make a dimension declared from now on: answers to come keep its value for ever."""
    by.must(Can.MANAGE_METHOD)
    locked = Dimension.objects.select_for_update().get(pk=dimension.pk)
    if not locked.is_declared:
        locked.is_declared = True
        locked.save(update_fields=["is_declared"])
        audit("declare", locked, by=by, at=at, detail={"key": locked.key})


@transaction.atomic
def ensure_codes(dimension: int, labels: Collection[str]) -> dict[str, int]:
    """Return the code of each label of a dimension, given now to those that have none."""
    locked = Dimension.objects.select_for_update().get(pk=dimension)
    found = queries.codes(locked, labels)
    missing = [label for label in dict.fromkeys(labels) if label and label not in found]
    if missing:
        last = locked.values.order_by("-code").values_list("code", flat=True).first() or 0
        fresh = {label: code for code, label in enumerate(missing, start=last + 1)}
        DimensionValue.objects.bulk_create(
            [
                DimensionValue(dimension=locked, code=code, label=label)
                for label, code in fresh.items()
            ],
            batch_size=5_000,
        )
        found |= fresh
    return found


@transaction.atomic
def ensure_accounts(keys: Collection[str], *, at: datetime) -> dict[str, tuple[int, int]]:
    """Return id and cluster of each account, made now where there is none."""
    found = queries.accounts(keys)
    missing = [key for key in dict.fromkeys(keys) if key not in found]
    if missing:
        Account.objects.bulk_create(
            [
                Account(
                    key=key[:200], name=key[:300], cluster=secrets.randbits(63) or 1, created_at=at
                )
                for key in missing
            ],
            ignore_conflicts=True,
            batch_size=5_000,
        )
        found |= queries.accounts(missing)
    return found


@transaction.atomic
def resolve_contact(
    *,
    email: str = "",
    customer: str = "",
    phone: str = "",
    name: str = "",
    account: str = "",
    language: str = "",
    at: datetime,
) -> Contact:
    """Return the contact with one of these identifiers, made now if there is none.

    The customer number tells most, then the e-mail, then the telephone.
    """
    given = {"customer": customer, "email": email, "phone": phone}
    indexes = {
        kind: index
        for kind in IDENTIFIERS
        if (index := blind_index(kind, given[kind], settings.INDEX_KEY)) is not None
    }
    if not indexes:
        raise BadInput("Nobody is named.", remedy="Give an e-mail, customer number or telephone.")
    if (there := queries.find_contact(given)) is not None:
        return there
    [person] = ledger.create_people(1)
    details = {kind: value for kind, value in {**given, "name": name}.items() if value}
    sealed = seal_bytes(person.key, json.dumps(details).encode(), b"contact")
    accounts = ensure_accounts([account], at=at) if account else {}
    return Contact.objects.create(
        person_id=person.id,
        account_id=accounts[account][0] if account else None,
        email_index=indexes.get("email"),
        customer_index=indexes.get("customer"),
        phone_index=indexes.get("phone"),
        details=sealed,
        language=language,
        created_at=at,
    )


def forget_person(person_id: int, *, by: str, at: datetime) -> None:
    """Blank what is held of a contact; runs within the ledger's erasure."""
    for contact in Contact.objects.filter(person=person_id):
        contact.stakes.all().delete()
        contact.email_index = contact.customer_index = contact.phone_index = contact.details = None
        contact.account, contact.language = None, ""
        contact.save()
