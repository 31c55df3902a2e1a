"""What can be asked about customers: dimensions and their codes, contacts and accounts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import QuerySet

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.customers.models import (
    LANGUAGE,
    Account,
    Contact,
    Dimension,
    DimensionValue,
)
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import open_bytes
from promontory.program.organization.access import Viewer

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Known:
    """A contact as far as recording an answer needs: ids, and the cluster that survives erasure."""

    contact: int
    person: int
    cluster: int


def dimensions() -> QuerySet[Dimension]:
    """Return all dimensions, oldest first."""
    return Dimension.objects.all()


def dimension(key: str) -> Dimension | None:
    """Return the dimension of that key, if there is one."""
    return Dimension.objects.filter(key=key).first()


def labels(dimension: Dimension) -> dict[int, str]:
    """Return what each code of a dimension stands for."""
    return dict(dimension.values.values_list("code", "label"))


def codes(dimension: Dimension, labels: Collection[str]) -> dict[str, int]:
    """Return the code of each of these labels that has one."""
    found: dict[str, int] = {}
    wanted = list(labels)
    for start in range(0, len(wanted), 5_000):
        some = wanted[start : start + 5_000]
        found.update(dimension.values.filter(label__in=some).values_list("label", "code"))
    return found


def language_labels() -> dict[int, str]:
    """Return what each language code of the warehouse stands for."""
    found = DimensionValue.objects.filter(dimension__key=LANGUAGE)
    return dict(found.values_list("code", "label"))


def find_contacts(kind: str, indexes: Collection[bytes]) -> dict[bytes, Known]:
    """Return the contact behind each of these blind indexes of one kind of identifier."""
    column = {"email": "email_index", "customer": "customer_index", "phone": "phone_index"}[kind]
    rows = looked_up(
        f"SELECT c.{column}, c.id, c.person_id, p.cluster FROM customers_contact c "
        f"JOIN ledger_person p ON p.id = c.person_id WHERE c.{column}",
        indexes,
    )
    return {bytes(index): Known(*known) for index, *known in rows}


def looked_up(
    statement: str,
    values: Collection[int] | Collection[str] | Collection[bytes],
    *,
    using: str = "default",
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement ending in the column that is to be one of these values.

    Thousands at a time, without the ORM, which takes longer over each value than the database.
    """
    connection = connections[using]
    wanted: list[Any] = list(values)
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            if connection.vendor == "sqlite":
                cursor.execute(f"{statement} IN ({','.join(['%s'] * len(some))})", some)
            else:
                cursor.execute(f"{statement} = ANY(%s)", [some])
            yield from cursor.fetchall()


def find_contact(identifiers: Mapping[str, str]) -> Contact | None:
    """Return the contact with one of these identifiers (kind → value), the most telling first."""
    for kind in IDENTIFIERS:
        index = blind_index(kind, identifiers.get(kind, ""), settings.INDEX_KEY)
        if index is not None:
            found = Contact.objects.select_related("person").filter(**{f"{kind}_index": index})
            if contact := found.first():
                return contact
    return None


def search_contact(text: str, *, viewer: Viewer) -> Contact | None:
    """Return the contact whose e-mail, customer number or telephone is exactly this."""
    viewer.must_see_customers()
    return find_contact(dict.fromkeys(IDENTIFIERS, text))


def search_contact_by(identifiers: Mapping[str, str], *, viewer: Viewer) -> Contact | None:
    """Return the contact with one of these identifiers (kind → value), exactly so."""
    viewer.must_see_customers()
    return find_contact(identifiers)


def details(contact: Contact, *, viewer: Viewer) -> dict[str, str]:
    """Return a contact's name and addresses; empty once the person is erased."""
    viewer.must_see_customers()
    return opened_details(contact)


def opened_details(contact: Contact) -> dict[str, str]:
    """Return the decrypted details, for code that has passed the gate already."""
    if contact.details is None:
        return {}
    key = ledger.keys_of([contact.person_id]).get(contact.person_id)
    if key is None:
        return {}
    return dict(json.loads(open_bytes(key, bytes(contact.details), b"contact")))


def opened_many(contacts: Sequence[Contact]) -> list[dict[str, str]]:
    """Return the decrypted details of each, in their order; those of the erased are empty."""
    keys = ledger.keys_of([contact.person_id for contact in contacts])
    return [
        dict(json.loads(open_bytes(key, bytes(contact.details), b"contact")))
        if contact.details is not None and (key := keys.get(contact.person_id)) is not None
        else {}
        for contact in contacts
    ]


def accounts(keys: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return the id and cluster of each of these accounts that is known."""
    found: dict[str, tuple[int, int]] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 5_000):
        rows = Account.objects.filter(key__in=wanted[start : start + 5_000])
        for key, pk, cluster in rows.values_list("key", "pk", "cluster"):
            found[key] = (pk, cluster)
    return found
