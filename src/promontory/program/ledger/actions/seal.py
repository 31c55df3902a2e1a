"""Giving entries their positions.

On SQLite writers are serial, so an entry is sealed where it is written. On PostgreSQL one sealer at
a time, under an advisory lock, reads what has been committed, in the order of insertion. An entry
committed before another began has the lower pending number and is in every snapshot that has the
other, so seals are causal; what was uncommitted at the snapshot follows later, and loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from promontory.program.ledger.actions.install import install
from promontory.program.ledger.models import Installation
from promontory.program.ledger.rules import chain, day_of, genesis

_LOCK = 0x50524F4D_4C454447  # "PROMLEDG"
_CHUNK = 5_000


def seal(*, using: str = "default") -> int:
    """Seal all that is pending, in transactions of a few thousand, and return how many there were.

    Any number of processes may call it at any time, and be killed at any time. On SQLite nothing
    is ever pending.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        return 0
    sealed = 0
    while True:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            # Held to the end of the transaction; the statement after it sees what the holder
            # before us committed.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute(
                "SELECT p.id, p.entry_id, p.digest, e.at FROM ledger_pending p "
                "JOIN ledger_entry e ON e.id = p.entry_id ORDER BY p.id LIMIT %s",
                [_CHUNK],
            )
            rows = cursor.fetchall()
            if rows:
                write_seals(cursor, [(entry, bytes(digest), at) for _, entry, digest, at in rows])
                cursor.execute(
                    "DELETE FROM ledger_pending WHERE id = ANY(%s)", [[row[0] for row in rows]]
                )
        sealed += len(rows)
        if len(rows) < _CHUNK:
            return sealed


def write_seals(cursor: CursorWrapper, rows: Sequence[tuple[int, bytes, datetime]]) -> None:
    """Continue the chain with (entry id, digest, at) in this order; the caller holds the lock."""
    position, previous, zone = _last(cursor)
    hashes = chain(previous, [digest for _, digest, _ in rows])
    seals = [
        (position + number, row[0], hash)
        for number, (row, hash) in enumerate(zip(rows, hashes, strict=True), 1)
    ]
    if cursor.db.vendor == "sqlite":
        cursor.executemany(
            "INSERT INTO ledger_seal (position, entry_id, hash) VALUES (%s, %s, %s)", seals
        )
    else:
        with cursor.copy("COPY ledger_seal (position, entry_id, hash) FROM STDIN") as copy:
            for each in seals:
                copy.write_row(each)
    _move_day_ends(cursor, position, [at for _, _, at in rows], zone)


def _last(cursor: CursorWrapper) -> tuple[int, bytes, ZoneInfo]:
    cursor.execute("SELECT uuid, zone FROM ledger_installation WHERE id = 1")
    found = cursor.fetchone()
    zone = found[1] if found else install(using=cursor.db.alias).zone
    cursor.execute("SELECT position, hash FROM ledger_seal ORDER BY position DESC LIMIT 1")
    last = cursor.fetchone()
    if last:
        return int(last[0]), bytes(last[1]), ZoneInfo(zone)
    installation = Installation.objects.using(cursor.db.alias).get(pk=1)
    return 0, genesis(installation.uuid, zone), ZoneInfo(zone)


def _move_day_ends(
    cursor: CursorWrapper, position: int, ats: Sequence[datetime], zone: ZoneInfo
) -> None:
    cursor.execute("SELECT max(day) FROM ledger_dayend")
    (latest,) = cursor.fetchone()
    ends: dict[int, int] = {}
    known: datetime | None = None
    day = 0
    for number, at in enumerate(ats, 1):
        if at != known:
            known, day = at, day_of(at, zone)
            # An entry that comes after one of a later day belongs to that later day: positions
            # rule, and no day that has ended grows again.
            latest = day if latest is None else max(latest, day)
        ends[latest] = position + number
    cursor.executemany(
        "INSERT INTO ledger_dayend (day, position) VALUES (%s, %s) "
        "ON CONFLICT (day) DO UPDATE SET position = excluded.position",
        list(ends.items()),
    )
