"""Numbers for rows before they are written, so that bulk writers can refer to them."""

from __future__ import annotations

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from promontory.errors import BadInput

# How many single draws may come between the two halves of one reservation statement on
# PostgreSQL (microseconds apart) without meeting the reserved block. Should ever more come,
# the primary key refuses the second row: no number is used twice.
_MARGIN = 10_000


def reserve_ids(model: type[Model], count: int, *, using: str = "default") -> int:
    """Reserve `count` consecutive ids of a model and return the first."""
    if count < 1:
        raise BadInput("At least one id must be reserved.")
    connection = connections[using]
    table, column = _table(model)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _advance_sqlite(cursor, table, column, count) - count + 1
        sequence = _sequence(cursor, table, column)
        # Reservations exclude each other; single draws do not wait for anybody.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [sequence])
        try:
            cursor.execute(
                "SELECT setval(%s::regclass, nextval(%s::regclass) + %s)",
                [sequence, sequence, _MARGIN + count],
            )
            (last,) = cursor.fetchone()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [sequence])
        return int(last) - count + 1


def draw_ids(model: type[Model], count: int, *, using: str = "default") -> list[int]:
    """Draw `count` ids of a model in ascending order; on PostgreSQL there may be gaps."""
    if not count:
        return []
    connection = connections[using]
    table, column = _table(model)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            last = _advance_sqlite(cursor, table, column, count)
            return list(range(last - count + 1, last + 1))
        sequence = _sequence(cursor, table, column)
        cursor.execute(
            "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count]
        )
        return [int(id) for (id,) in cursor.fetchall()]


def _table(model: type[Model]) -> tuple[str, str]:
    return model._meta.db_table, str(model._meta.pk.column)


_sequences: dict[tuple[str, str, str], str] = {}


def _sequence(cursor: CursorWrapper, table: str, column: str) -> str:
    # By the name of the database too: tests have several in one process.
    key = (str(cursor.db.settings_dict["NAME"]), table, column)
    if key not in _sequences:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
        (sequence,) = cursor.fetchone()
        _sequences[key] = str(sequence)
    return _sequences[key]


def _advance_sqlite(cursor: CursorWrapper, table: str, column: str, count: int) -> int:
    cursor.execute(
        "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table]
    )
    found = cursor.fetchall()
    if found:
        return int(found[0][0])
    # No row was ever inserted by SQLite's own numbering.
    cursor.execute(f'SELECT coalesce(max("{column}"), 0) + %s FROM "{table}"', [count])
    (last,) = cursor.fetchone()
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
    return int(last)
