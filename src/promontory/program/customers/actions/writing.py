"""Writing the slices that were packed: bulk rows, keys first, in short transactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from promontory.program.customers.models import (
    AttributeChange,
    Consent,
    Contact,
    RejectedContact,
    RejectedIdentifier,
)
from promontory.program.customers.rules.packing import Slice
from promontory.program.ledger.models import Person, PersonKey

_INSERTED: tuple[tuple[type[Model], tuple[str, ...], str], ...] = (
    (Person, ("id", "cluster"), "people"),
    (
        Contact,
        (
            "id", "person_id", "account_id", "email_index", "customer_index", "phone_index",
            "details", "language", "zone", "household", "attributes", "closed", "failing",
            "basis", "created_at",
        ),
        "contacts",
    ),
    (AttributeChange, ("contact_id", "dimension_id", "was", "now", "at", "by"), "changes"),
    (
        Consent,
        ("contact_id", "ways", "is_given", "basis", "source", "note", "at", "by"),
        "consents",
    ),
    (RejectedContact, ("source_id", "row", "reasons", "raw"), "rejected"),
    (RejectedIdentifier, ("source_id", "row", "index"), "identifiers"),
)  # fmt: skip
_UPDATED = (
    "account_id", "email_index", "customer_index", "phone_index", "details", "language", "zone",
    "household", "attributes", "closed", "failing", "basis",
)  # fmt: skip
_HELD = (
    "contact_id", "account_id", "reason", "source", "source_key", "note", "starts_at", "ends_at",
    "placed_at", "placed_by", "lifted_by",
)  # fmt: skip


class Changed(Exception):
    """A contact was changed between being read and being written."""


def write_keys(slices: Sequence[Slice]) -> None:
    """Store the keys of new people; before the rows that need them, for a key alone harms nobody.

    A key of the same number from an attempt that was killed has nothing under it: it is replaced.
    """
    rows = [row for made in slices for row in made.keys]
    if not rows:
        return
    alias = "keys"
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {PersonKey._meta.db_table} (person_id, wrapped) VALUES (%s, %s) "
            "ON CONFLICT (person_id) DO UPDATE SET wrapped = excluded.wrapped",
            rows,
        )


def write_rows(slices: Sequence[Slice], *, cursor: CursorWrapper) -> int:
    """Write all rows of these slices in the transaction of the cursor; return how many holds.

    Raises `Changed` if a contact no longer stands as it was read; nothing is then to be kept.
    """
    for model, columns, name in _INSERTED:
        _insert(cursor, model, columns, [row for made in slices for row in getattr(made, name)])
    _update(cursor, [row for made in slices for row in made.updates])
    _upsert_stakes(cursor, [row for made in slices for row in made.stakes])
    return _place(cursor, [row for made in slices for row in made.holds])


def _insert(
    cursor: CursorWrapper,
    model: type[Model],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    if not rows:
        return
    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    if cursor.db.vendor == "sqlite":
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        return
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _update(cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    is_sqlite = cursor.db.vendor == "sqlite"
    cast = {} if is_sqlite else {"attributes": "::jsonb"}
    values = ", ".join(f"{column} = %s{cast.get(column, '')}" for column in _UPDATED)
    same = "IS" if is_sqlite else "IS NOT DISTINCT FROM"
    cursor.executemany(
        f"UPDATE customers_contact SET {values} "
        f"WHERE id = %s AND details {same} %s AND closed = %s AND failing = %s",
        rows,
    )
    if cursor.rowcount != len(rows):
        raise Changed


def _upsert_stakes(cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        cursor.executemany(
            "INSERT INTO customers_stake (contact_id, account_id, role) VALUES (%s, %s, %s) "
            "ON CONFLICT (contact_id, account_id) DO UPDATE SET role = excluded.role",
            rows,
        )


def _place(cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> int:
    if not rows:
        return 0
    names, marks = ", ".join(_HELD), ", ".join(["%s"] * len(_HELD))
    cursor.executemany(
        f"INSERT INTO customers_hold ({names}) VALUES ({marks}) "
        "ON CONFLICT (source_key) DO NOTHING",
        rows,
    )
    return int(cursor.rowcount)
