"""Contacts as they stand, thousands at a time, for those who write them in bulk."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from promontory.program.customers.identity import IDENTIFIERS
from promontory.program.customers.queries.consents import standing_refusals
from promontory.program.customers.queries.reading import find_contacts, looked_up
from promontory.program.customers.rules.rows import State
from promontory.program.ledger.models import PersonKey

_COLUMNS = (
    "id, person_id, details, customer_index, email_index, phone_index, account_id, language, zone, "
    "household, attributes, closed, failing, basis"
)


def standing(
    indexes: Mapping[str, Sequence[bytes]],
) -> tuple[dict[str, dict[bytes, int]], dict[int, State]]:
    """Return the contact behind each blind index by kind, and how each of them stands."""
    found = {
        kind: {index: known.contact for index, known in find_contacts(kind, some).items()}
        if (some := indexes.get(kind))
        else {}
        for kind in IDENTIFIERS
    }
    there = states({contact for each in found.values() for contact in each.values()})
    known = {
        kind: {index: contact for index, contact in each.items() if contact in there}
        for kind, each in found.items()
    }
    return known, there


def states(contacts: Collection[int]) -> dict[int, State]:
    """Return how each of these contacts stands; the erased are left out."""
    if not contacts:
        return {}
    rows = list(looked_up(f"SELECT {_COLUMNS} FROM customers_contact WHERE id", contacts))
    keys = dict(
        looked_up(
            f"SELECT person_id, wrapped FROM {PersonKey._meta.db_table} WHERE person_id",
            [row[1] for row in rows],
            using="keys",
        )
    )
    refusals = standing_refusals([row[0] for row in rows if row[11]])
    stakes: dict[int, dict[int, str]] = defaultdict(dict)
    said = looked_up(
        "SELECT contact_id, account_id, role FROM customers_stake WHERE contact_id", contacts
    )
    for contact, account, role in said:
        stakes[contact][account] = role
    return {
        row[0]: State(
            contact=row[0],
            person=row[1],
            wrapped=bytes(keys[row[1]]),
            details=bytes(row[2]),
            indexes=tuple(None if index is None else bytes(index) for index in row[3:6]),
            account=row[6],
            language=row[7],
            zone=row[8],
            household=row[9],
            attributes=_parsed(row[10]),
            closed=row[11],
            failing=row[12],
            basis=row[13],
            refusals=refusals.get(row[0], {}),
            stakes=stakes.get(row[0], {}),
        )
        for row in rows
        if row[2] is not None and row[1] in keys
    }


def _parsed(attributes: Any) -> dict[str, int]:
    # SQLite hands out the text; PostgreSQL, asked past the ORM, does so too or has parsed it.
    return dict(json.loads(attributes)) if isinstance(attributes, str) else dict(attributes)
