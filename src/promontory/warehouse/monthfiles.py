"""Rows in, one sorted Parquet file per month out, in flat memory.

Rows are buffered by month and flushed, sorted, as row groups. A file is written under a temporary
name, made durable, and gets its final name from its own content.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from promontory.warehouse.manifest import FactFile, sync_folder
from promontory.warehouse.schema import COLUMNS, facts_schema

ROW_GROUP = 245_760
"""Rows per row group: two of DuckDB's own, so that two threads share a month."""

BUFFERED = 1_000_000
"""Rows held in memory over all months before the fullest month is flushed."""

SORTED_BY = ("metric", "survey", "mask", "sign", "g", "d", "unit", "language", "channel")
"""Columns of few values first: long runs decode fastest. Attributes follow, then day, answer."""


class MonthFiles:
    """Writes one new file per month into `folder`; `close` at the end of its context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._months: dict[int, _Month] = {}
        self._buffered = 0

    def add(self, table: pa.Table) -> None:
        """Add conformed rows of any months."""
        for month, part in _split(table):
            if month not in self._months:
                self._months[month] = _Month(self.folder, month)
            self._months[month].add(part)
            self._buffered += part.num_rows
        while self._buffered > BUFFERED:
            fullest = max(self._months.values(), key=lambda month: month.buffered)
            self._buffered -= fullest.buffered
            fullest.flush()

    def close(self) -> list[FactFile]:
        """Write what is buffered and return the files, durable under their final names."""
        return [file for _, month in sorted(self._months.items()) for file in month.close()]

    def __enter__(self) -> MonthFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for month in self._months.values():
            month.__exit__(kind, error, trace)


class _Month:
    """The rows of one month on their way; attributes that come late start another file."""

    def __init__(self, folder: Path, month: int) -> None:
        self.folder, self.month = folder, month
        self.buffered = 0
        self._tables: list[pa.Table] = []
        self._files: list[MonthFile] = []

    def add(self, table: pa.Table) -> None:
        self._tables.append(table)
        self.buffered += table.num_rows

    def flush(self) -> None:
        if not self._tables:
            return
        schema = facts_schema(
            {name for table in self._tables for name in table.schema.names} - COLUMNS.keys()
        )
        table = pa.concat_tables(widen(table, schema) for table in self._tables)
        self._tables, self.buffered = [], 0
        if not any(file.schema.equals(schema) for file in self._files):
            self._files.append(MonthFile(self.folder, self.month, schema))
        next(file for file in self._files if file.schema.equals(schema)).write(_sorted(table))

    def close(self) -> list[FactFile]:
        self.flush()
        return [file.close() for file in self._files]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.__exit__(kind, error, trace)


class MonthFile:
    """One Parquet file being written; use as a context, `write` in it, `close` after it.

    Left with an error, or never closed, it leaves only debris that the next write sweeps away.
    """

    def __init__(self, folder: Path, month: int, schema: pa.Schema) -> None:
        self.month, self.schema = month, schema
        self._path = folder / f"{uuid.uuid4().hex}.new"
        self._writer = pq.ParquetWriter(self._path, schema, compression="lz4", store_schema=False)

    def write(self, table: pa.Table) -> None:
        """Add rows in the order in which they are to lie."""
        self._writer.write_table(table, row_group_size=ROW_GROUP)

    def close(self) -> FactFile:
        """Make the file durable under its final name."""
        self._writer.close()
        metadata = pq.read_metadata(self._path)
        with self._path.open("rb+") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        name = f"{np.datetime64(self.month, 'M')}-{digest[:20]}-{uuid.uuid4().hex[:8]}.parquet"
        self._path.rename(self._path.with_name(name))
        sync_folder(self._path.parent)
        return FactFile(name, self.month, metadata.num_rows, digest, bounds_of(metadata))

    def __enter__(self) -> MonthFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)


def widen(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the table in a schema with more attributes; those it lacks are 0."""
    for name in schema.names:
        if name not in table.schema.names:
            zeros = pa.repeat(pa.scalar(0, pa.int32()), table.num_rows)
            table = table.append_column(pa.field(name, pa.int32(), nullable=False), zeros)
    return table.select(schema.names)


def bounds_of(metadata: Any) -> dict[str, tuple[int, int]]:
    """Return the least and greatest value by column, from a Parquet file's own statistics."""
    bounds: dict[str, tuple[int, int]] = {}
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            low, high = column.statistics.min, column.statistics.max
            before = bounds.get(column.path_in_schema, (low, high))
            bounds[column.path_in_schema] = (min(low, before[0]), max(high, before[1]))
    return bounds


def sort_keys(names: list[str]) -> list[str]:
    """Return the columns to sort a month's rows by, first the one that matters most."""
    attributes = [name for name in names if name not in COLUMNS]
    return [*SORTED_BY, *attributes, "answer", "day", "position", "response"]


def _sorted(table: pa.Table) -> pa.Table:
    arrays = [table[name].to_numpy() for name in reversed(sort_keys(table.schema.names))]
    varying = [array for array in arrays if array[0] != array[-1] or (array != array[0]).any()]
    return table.take(pa.array(np.lexsort(varying))) if varying else table


def _split(table: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    months = table["month"].to_numpy()
    for month in np.unique(months).tolist():
        here = months == month
        yield month, table if here.all() else table.filter(pa.array(here))
