"""Adding entries, in the transaction of whatever business they record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError

from promontory.errors import Conflict
from promontory.program.ledger.actions.seal import write_seals
from promontory.program.ledger.ids import draw_ids
from promontory.program.ledger.models import Entry
from promontory.program.ledger.rules import NewEntry, PreparedRow, prepare

_COLUMNS = 'id, kind, subject, batch, person, at, local_day, kept, salt, personal, "by"'
_INSERT = f"INSERT INTO ledger_entry ({_COLUMNS}) VALUES ({', '.join(['%s'] * 11)})"
_COPY = f"COPY ledger_entry ({_COLUMNS}) FROM STDIN"
# So many go in one statement: a COPY is talked about twice.
_FEW = 100
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


def write_prepared(rows: Sequence[PreparedRow], *, cursor: CursorWrapper) -> None:
    """Write what `rules.prepared_rows` made, within the transaction of this cursor's connection."""
    connection = cursor.db
    _demand_transaction(connection.alias)
    if not rows:
        return
    _refuse_what_cannot_follow(rows, cursor)
    if connection.vendor == "sqlite":
        ats = {row[5] for row in rows}
        text = {at: connection.ops.adapt_datetimefield_value(at) for at in ats}
        cursor.executemany(_INSERT, [(*row[:5], text[row[5]], *row[6:11]) for row in rows])
        write_seals(cursor, [(row[0], row[11], row[5]) for row in rows])
        return
    if len(rows) <= _FEW:
        values = ", ".join([f"({', '.join(['%s'] * 11)})"] * len(rows))
        given = [value for row in rows for value in row[:11]]
        cursor.execute(f"INSERT INTO ledger_entry ({_COLUMNS}) VALUES {values}", given)
        pairs = ", ".join(["(%s, %s)"] * len(rows))
        pending = [value for row in rows for value in (row[0], row[11])]
        cursor.execute(f"INSERT INTO ledger_pending (entry_id, digest) VALUES {pairs}", pending)
        return
    with cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row[:11])
    with cursor.copy(_COPY_PENDING) as copy:
        for row in rows:
            copy.write_row((row[0], row[11]))


def _refuse_what_cannot_follow(rows: Sequence[PreparedRow], cursor: CursorWrapper) -> None:
    """Refuse entries about an erased person and entries of an import that has ended."""
    is_sqlite = cursor.db.vendor == "sqlite"
    people = {row[4] for row in rows if row[4] is not None}
    for some in _slices(people):
        # The lock makes an erasure wait for us, or us for it; SQLite's writers are serial anyway.
        cursor.execute(
            f"SELECT id FROM ledger_person WHERE erased_at IS NULL AND id IN ({_marks(some)})"
            + ("" if is_sqlite else " FOR KEY SHARE"),
            some,
        )
        if gone := set(some) - {id for (id,) in cursor.fetchall()}:
            raise Conflict(
                f"Person {min(gone)} has been erased or never existed.",
                remedy="Look the customer up again and repeat.",
            )
    for some in _slices({row[3] for row in rows if row[3] is not None}):
        cursor.execute(
            f"SELECT batch FROM ledger_entry WHERE batch IN ({_marks(some)}) AND kind IN (6, 7)",
            some,
        )
        if ended := cursor.fetchone():
            raise Conflict(
                f"Import {ended[0]} has ended; nothing can be added to it.",
                remedy="Start another import.",
            )


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _slices(values: set[int]) -> list[list[int]]:
    ordered = sorted(values)
    return [ordered[low : low + 500] for low in range(0, len(ordered), 500)]


def _demand_transaction(using: str) -> None:
    if not connections[using].in_atomic_block:
        raise TransactionManagementError(
            "The ledger is written in the transaction of the business it records: "
            "open one with transaction.atomic()."
        )
