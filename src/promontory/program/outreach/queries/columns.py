"""Reading millions of rows as arrays of whole numbers, by the quickest way there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from promontory.program.outreach.rules.policy import ALWAYS

Ints = NDArray[np.int64]

AT_ONCE = 250_000
_MICROSECONDS = 1_000_000


def second(at: datetime) -> int:
    """Return an instant as whole seconds since 1970."""
    return int(at.timestamp() // 1)


def instant(seconds: int) -> datetime:
    """Return the instant of a whole second since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def literal(at: datetime) -> str:
    """Return an instant as a literal of this database's SQL."""
    if connection.vendor == "sqlite":
        return f"'{connection.ops.adapt_datetimefield_value(at)}'"
    return f"'{at.astimezone(UTC).isoformat()}'::timestamptz"


def rows(statement: str, *, instants: Sequence[int] = ()) -> Iterator[list[Ints]]:
    """Yield the columns of a statement of ours, some hundred thousand rows at a time.

    All columns are whole numbers; those numbered in `instants` are instants and come as seconds.
    A missing value comes as `ALWAYS`. The statement takes no values from outside. Within a
    transaction it sees what that has written.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        yield from _by_arrow(statement)
    else:
        yield from _by_cursor(statement, frozenset(instants))


def whole(statement: str, width: int, *, instants: Sequence[int] = ()) -> list[Ints]:
    """Return the columns of a statement of ours at once."""
    parts = list(rows(statement, instants=instants))
    if not parts:
        return [np.empty(0, dtype=np.int64) for _ in range(width)]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _by_arrow(statement: str) -> Iterator[list[Ints]]:
    from adbc_driver_postgresql import dbapi
    from psycopg.conninfo import make_conninfo

    given = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname", "sslmode", "options")
    address = make_conninfo(**{name: given[name] for name in wanted if given.get(name)})
    with dbapi.connect(address) as theirs, theirs.cursor() as cursor:
        cursor.execute(statement)
        for batch in cursor.fetch_record_batch():
            yield [_whole_numbers(column) for column in batch.columns]


def _whole_numbers(column: Any) -> Ints:
    import pyarrow as pa

    is_instant = pa.types.is_timestamp(column.type)
    numbers = column.cast(pa.int64()).fill_null(ALWAYS).to_numpy(zero_copy_only=False)
    if is_instant:
        return np.where(numbers == ALWAYS, ALWAYS, numbers // _MICROSECONDS)
    return np.asarray(numbers)


def _by_cursor(statement: str, instants: frozenset[int]) -> Iterator[list[Ints]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while some := cursor.fetchmany(AT_ONCE):
            columns = list(zip(*some, strict=True))
            yield [
                _from_objects(column, is_instant=number in instants)
                for number, column in enumerate(columns)
            ]


def _from_objects(values: Sequence[Any], *, is_instant: bool) -> Ints:
    if not is_instant:
        found = (ALWAYS if v is None else v for v in values)
        return np.fromiter(found, dtype=np.int64, count=len(values))
    return np.fromiter(map(_second, values), dtype=np.int64, count=len(values))


def _second(value: datetime | str | None) -> int:
    if value is None:
        return ALWAYS
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return second(value if value.tzinfo else value.replace(tzinfo=UTC))
