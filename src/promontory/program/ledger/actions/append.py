"""Adding entries, in the transaction of whatever business they record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError

from promontory.program.ledger.actions.seal import write_seals
from promontory.program.ledger.ids import draw_ids
from promontory.program.ledger.models import Entry
from promontory.program.ledger.rules import NewEntry, Prepared, prepare

_COLUMNS = "id, kind, subject, batch, person, at, local_day, kept, salt, personal, by"
_INSERT = f"INSERT INTO ledger_entry ({_COLUMNS}) VALUES ({', '.join(['%s'] * 11)})"
_COPY = f"COPY ledger_entry ({_COLUMNS}) FROM STDIN"
_COPY_PENDING = "COPY ledger_pending (entry_id, digest) FROM STDIN"


def append(entries: Sequence[NewEntry], *, at: datetime, using: str = "default") -> list[int]:
    """Add entries within the caller's transaction and return their ids, in order.

    On SQLite they are sealed there and then; on PostgreSQL the sealer follows within a second.
    """
    _demand_transaction(using)
    if not entries:
        return []
    ids = draw_ids(Entry, len(entries), using=using)
    with connections[using].cursor() as cursor:
        write_prepared(prepare(entries, ids, at=at), cursor=cursor)
    return ids


def write_prepared(rows: Sequence[Prepared], *, cursor: CursorWrapper) -> None:
    """Write what `rules.prepare` made, within the transaction of this cursor's connection."""
    connection = cursor.db
    _demand_transaction(connection.alias)
    if not rows:
        return
    if connection.vendor == "sqlite":
        text: dict[datetime, str] = {}
        for row in rows:
            if row.at not in text:
                text[row.at] = connection.ops.adapt_datetimefield_value(row.at)
        cursor.executemany(_INSERT, [(*row[:5], text[row.at], *row[6:11]) for row in rows])
        write_seals(cursor, [(row.id, row.digest, row.at) for row in rows])
        return
    with cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row[:11])
    with cursor.copy(_COPY_PENDING) as copy:
        for row in rows:
            copy.write_row((row.id, row.digest))


def _demand_transaction(using: str) -> None:
    if not connections[using].in_atomic_block:
        raise TransactionManagementError(
            "The ledger is written in the transaction of the business it records: "
            "open one with transaction.atomic()."
        )
