"""Parquet and Arrow files, row group by row group, with their own types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from promontory.errors import BadInput, Place
from promontory.tables.sources import Source
from promontory.tables.table import BATCH_ROWS, Table, good_batch


def table_of(source: Source, kind: str) -> Table:
    """The Parquet or Arrow file as a table; rows are counted from 1, for there is no header."""
    try:
        return _parquet(source) if kind == "parquet" else _arrow(source)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(
            f"The {kind.capitalize()} file is cut short or damaged.",
            remedy="Copy or export it again.",
            place=Place(file=source.name),
        ) from error


def _parquet(source: Source) -> Table:
    import pyarrow.parquet as pq

    with source.opener() as stream, pq.ParquetFile(stream) as file:
        names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows

    def read(columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        wanted = list(names if columns is None else columns)
        first = 1
        with source.opener() as stream, pq.ParquetFile(stream) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
                arrays = [batch.column(name) for name in wanted]
                yield good_batch(arrays, wanted, first)
                first += batch.num_rows

    return Table(
        source.name, "Parquet", names, read,
        path=str(source.path or ""), rows_hint=rows, bytes_hint=source.size,
    )  # fmt: skip


def _arrow(source: Source) -> Table:
    with source.opener() as stream:
        file = pa.ipc.open_file(pa.PythonFile(stream))
        names = tuple(file.schema.names)

    def read(columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        wanted = list(names if columns is None else columns)
        first = 1
        with source.opener() as stream:
            file = pa.ipc.open_file(pa.PythonFile(stream))
            for place in range(file.num_record_batches):
                batch = file.get_batch(place)
                yield good_batch([batch.column(name) for name in wanted], wanted, first)
                first += batch.num_rows

    return Table(
        source.name, "Arrow", names, read, path=str(source.path or ""), bytes_hint=source.size
    )
