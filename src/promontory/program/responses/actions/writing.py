"""Writing the slices that a child made: bulk rows, keys first, in short transactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from promontory.program.customers.models import Contact
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Person, PersonKey
from promontory.program.responses.models import Answer, RawRow, RejectedRow, Response, Verbatim
from promontory.program.responses.rules.slices import Slice

_FEW = 100
"""So many rows go to PostgreSQL in one statement: a COPY is talked about twice."""

_PEOPLE = ("id", "cluster")
_CONTACTS = (
    "id", "person_id", "email_index", "customer_index", "phone_index", "details", "created_at",
    "language",
)  # fmt: skip
_RESPONSES = (
    "id", "survey_id", "version_id", "source_id", "row", "vendor_id", "contact_id", "account_id",
    "unit_id", "answered_at", "local_day", "received_at", "channel", "language", "attributes",
    "mask", "source_key", "content_key",
)  # fmt: skip
_ANSWERS = ("response_id", "question_id", "value")
_VERBATIMS = ("response_id", "text", "language")
_RAWS = ("response_id", "sealed")
_REJECTED = ("source_id", "row", "reasons", "raw")
_TABLES: tuple[tuple[type[Model], Sequence[str], str], ...] = (
    (Person, _PEOPLE, "people"),
    (Contact, _CONTACTS, "contacts"),
    (Response, _RESPONSES, "responses"),
    (Answer, _ANSWERS, "answers"),
    (Verbatim, _VERBATIMS, "verbatims"),
    (RawRow, _RAWS, "raws"),
    (RejectedRow, _REJECTED, "rejected"),
)


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


def write_rows(slices: Sequence[Slice], *, cursor: CursorWrapper) -> None:
    """Write all rows of these slices in the transaction of the cursor."""
    for model, columns, name in _TABLES:
        insert_rows(cursor, model, columns, [row for made in slices for row in getattr(made, name)])
    entries = [row for made in slices for row in made.entries]
    ledger.write_prepared(entries, cursor=cursor)


def insert_rows(
    cursor: CursorWrapper,
    model: type[Model],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows whose values are as the database takes them, with as few words as it allows."""
    if not rows:
        return
    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    if cursor.db.vendor == "sqlite":
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    elif len(rows) <= _FEW:
        values = ", ".join([f"({marks})"] * len(rows))
        cursor.execute(
            f"INSERT INTO {table} ({names}) VALUES {values}", [each for row in rows for each in row]
        )
    else:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
