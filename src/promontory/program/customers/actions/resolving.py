"""Making sure that somebody, or some account, is there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from promontory.errors import BadInput
from promontory.program.customers import queries
from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.customers.models import Account, Contact
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import seal_bytes


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


@transaction.atomic
def name_accounts(names: Mapping[str, str], *, at: datetime) -> dict[str, int]:
    """Return the id of each account, made where there is none and renamed where a name is said."""
    found = ensure_accounts(list(names), at=at)
    told = {key: name[:300] for key, name in names.items() if name}
    renamed = [
        account
        for start in range(0, len(told), 5_000)
        for account in Account.objects.filter(key__in=list(told)[start : start + 5_000])
        if account.name != told[account.key]
    ]
    for account in renamed:
        account.name = told[account.key]
    Account.objects.bulk_update(renamed, ["name"], batch_size=500)
    return {key: pk for key, (pk, _) in found.items()}
