"""Data already in memory: frames of any kind (by narwhals), arrays, mappings, iterables."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from promontory.errors import BadInput
from promontory.tables.table import BATCH_ROWS, Table, good_batch, unique_names
from promontory.tables.values.distinct import as_array

# What a lone column of answers is called.
ANSWER = "answer"


def table_of(data: object, *, name: str = "") -> Table:
    """The data as a table; rows are counted from 1."""
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if isinstance(data, pa.Table):
        return _of_arrow(data, name or "Arrow table", "Arrow")
    if isinstance(data, (pa.Array, pa.ChunkedArray)):
        return _of_columns([ANSWER], [data], name or "Arrow array", "Arrow")
    if isinstance(data, np.ndarray):
        return _of_numpy(data, name)
    if isinstance(data, Mapping):
        return _of_mapping(data, name)
    if (framed := _of_frame(data, name)) is not None:
        return framed
    if isinstance(data, Iterable):
        return _of_iterable(iter(data), name)
    raise BadInput(
        f"A {type(data).__name__} is neither a file, a table nor a list of answers.",
        remedy="Give a path, a data frame, an array or an iterable.",
    )


def _of_arrow(table: pa.Table, name: str, format_: str) -> Table:
    names, notes = unique_names(table.column_names)

    def read(columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        wanted = list(names if columns is None else columns)
        chosen = table.select([names.index(column) for column in wanted])
        first = 1
        for batch in chosen.to_batches(max_chunksize=1 << 20):
            yield good_batch(batch.columns, wanted, first)
            first += batch.num_rows

    return Table(name, format_, names, read, rows_hint=table.num_rows, notes=notes)


def _of_columns(names: Sequence[object], columns: Sequence[Any], name: str, format_: str) -> Table:
    arrays = [as_array(column) for column in columns]
    sizes = {len(array) for array in arrays}
    if len(sizes) > 1:
        raise BadInput(
            "The columns are of different lengths: "
            + ", ".join(f"{n} has {len(a):,}" for n, a in zip(names, arrays, strict=True)) + ".",
            remedy="Give each row a value in every column (None where there is none).",
        )  # fmt: skip
    return _of_arrow(pa.table(arrays, names=[str(n) for n in names]), name, format_)


def _of_numpy(data: np.ndarray[Any, Any], name: str) -> Table:
    if data.dtype.names:
        columns = [data[field] for field in data.dtype.names]
        return _of_columns(list(data.dtype.names), columns, name or "NumPy array", "NumPy")
    if data.ndim == 1:
        return _of_columns([ANSWER], [data], name or "NumPy array", "NumPy")
    if data.ndim == 2:
        names = [""] * data.shape[1]
        columns = [np.ascontiguousarray(data[:, place]) for place in range(data.shape[1])]
        return _of_columns(list(unique_names(names)[0]), columns, name or "NumPy array", "NumPy")
    raise BadInput(
        f"The array has {data.ndim} dimensions.", remedy="Give one column, or rows by columns."
    )


def _of_mapping(data: Mapping[Any, Any], name: str) -> Table:
    if not data:
        raise BadInput("The mapping is empty.", remedy="Give a mapping of columns.")
    columns = list(data.values())
    if not all(_is_column(column) for column in columns):
        raise BadInput(
            "The mapping's values are not columns.",
            remedy="Give a mapping of names to columns; counts are given as a Tally.",
        )
    return _of_columns(list(data), columns, name or "mapping", "columns")


def _is_column(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _of_frame(data: object, name: str) -> Table | None:
    """pandas, Polars and whatever else narwhals knows; None when it is none of them."""
    if type(data).__module__.split(".")[0] in ("builtins", "itertools", "collections"):
        return None
    import narwhals as nw

    native: Any = data
    try:
        wrapped: Any = nw.from_native(native, allow_series=True)
    except TypeError:
        return None
    kind = type(data).__module__.split(".")[0]
    if isinstance(wrapped, nw.LazyFrame):
        wrapped = wrapped.collect()
    if isinstance(wrapped, nw.Series):
        return _of_columns([wrapped.name or ANSWER], [_series(wrapped)], name or kind, kind)
    return _of_columns(
        wrapped.columns,
        [_series(wrapped[column]) for column in wrapped.columns],
        name or kind,
        kind,
    )


def _series(series: Any) -> Any:
    try:
        return series.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A column of mixed Python objects has no Arrow type; as text, every cell keeps its words.
        return as_array(series.to_list())


def _of_iterable(items: Iterator[Any], name: str) -> Table:
    first = list(itertools.islice(items, BATCH_ROWS))
    if not first:
        return _of_columns([ANSWER], [pa.array([], pa.string())], name or "iterable", "values")
    if isinstance(first[0], Mapping):
        keys = list(dict.fromkeys(key for item in first for key in item))

        def columns(chunk: list[Any]) -> list[Any]:
            return [as_array([item.get(key) for item in chunk]) for key in keys]

        names: list[object] = list(keys)
    elif isinstance(first[0], Sequence) and not isinstance(first[0], (str, bytes)):
        width = len(first[0])

        def columns(chunk: list[Any]) -> list[Any]:
            return [as_array([row[place] for row in chunk]) for place in range(width)]

        names = [""] * width
    else:

        def columns(chunk: list[Any]) -> list[Any]:
            return [as_array(chunk)]

        names = [ANSWER]
    return _streamed(first, items, columns, names, name or "iterable")


def _streamed(
    first: list[Any], rest: Iterator[Any], columns: Any, names: list[object], name: str
) -> Table:
    """A table over an iterable: what was read is kept, so that it may be read again."""
    unique, notes = unique_names(names)
    kept: list[list[Any]] = [columns(first)]

    def read(wanted: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        chosen = list(unique if wanted is None else wanted)
        row, place = 1, 0
        while True:
            if place == len(kept):
                chunk = list(itertools.islice(rest, BATCH_ROWS))
                if not chunk:
                    return
                kept.append(columns(chunk))
            arrays = kept[place]
            batch = good_batch([arrays[unique.index(n)] for n in chosen], chosen, row)
            yield batch
            row, place = row + batch.num_rows, place + 1

    return Table(name, "values", unique, read, notes=notes)
