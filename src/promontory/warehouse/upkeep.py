"""Upkeep of the months: many small files made one, and what erasure takes out of them.

Rows, signs and positions stay as they are, so every as-of answer stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from promontory.errors import BadInput
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile, Manifest
from promontory.warehouse.monthfiles import ROW_GROUP, MonthFile, sort_keys
from promontory.warehouse.schema import COLUMNS, facts_schema, is_attribute

MEMORY = "1GB"
"""What sorting a month may hold in memory; what is more goes to disk."""


LAST = 2**63 - 1
"""Beyond every position."""


def compact(facts: Facts, *, at_least: int = 2) -> Manifest:
    """Merge each month that has `at_least` that many files into one sorted file.

    Every month is published as it is done; a killed compaction has lost at most one month's work.
    """
    with facts.refreshing() as manifest:
        by_month: dict[int, list[FactFile]] = {}
        for file in manifest.files:
            by_month.setdefault(file.month, []).append(file)
        for month, files in sorted(by_month.items()):
            if len(files) >= at_least:
                merged = _merge(facts, month, files)
                rest = tuple(file for file in manifest.files if file.month != month)
                manifest = facts.publish(manifest, (*rest, merged), changed=())
        return manifest


def rewrite_months(facts: Facts, responses: Collection[int], columns: Iterable[str]) -> Manifest:
    """Set these attribute columns to 0 in every row of these responses, and drop the old files.

    For erasure: called with the dimensions that are not declared. The old files are deleted at
    once; a reader in mid-query asks again by itself.
    """
    forgotten = tuple(columns)
    if not all(is_attribute(column) for column in forgotten):
        raise BadInput("Only attribute columns can be forgotten; the rest is what the score needs.")
    sought = np.unique(np.fromiter(responses, np.int64, len(responses)))
    with facts.refreshing() as manifest:
        kept: list[FactFile] = []
        for file in manifest.files:
            cleared = tuple(column for column in forgotten if file.has(column))
            if cleared and _holds(facts.path(file), file, sought):
                kept.append(_cleared(facts, file, sought, cleared))
            else:
                kept.append(file)
        return facts.publish(manifest, tuple(kept), changed=(), grace=0)


def sorted_batches(
    paths: list[Path],
    schema: pa.Schema,
    order: list[str],
    folder: Path,
    as_of: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Return the rows of some files up to a position in an order, streamed.

    Attributes that a file lacks are 0. `folder` takes what does not fit in memory.
    """
    import duckdb

    read = [
        name if name in COLUMNS else f"COALESCE({name}, 0)::INTEGER AS {name}"
        for name in schema.names
    ]
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder)}) as session:
        relation = session.sql(
            f"SELECT {', '.join(read)} FROM read_parquet($paths, union_by_name = true)"
            f" WHERE position <= {LAST if as_of is None else as_of}"
            f" ORDER BY {', '.join(order)}",
            params={"paths": [str(path) for path in paths]},
        )
        for batch in relation.to_arrow_reader(ROW_GROUP):
            columns = [column.cast(field.type) for column, field in zip(batch, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _merge(facts: Facts, month: int, files: list[FactFile]) -> FactFile:
    schema = facts_schema({name for file in files for name in file.bounds} - COLUMNS.keys())
    paths = [facts.path(file) for file in files]
    order = sort_keys(schema.names)
    with MonthFile(facts.folder, month, schema) as merged:
        for batch in sorted_batches(paths, schema, order, facts.folder / "sorting"):
            merged.write(pa.Table.from_batches([batch]))
        return merged.close()


def _holds(path: Path, file: FactFile, sought: np.ndarray) -> bool:
    low, high = file.bound("response")
    near = sought[(sought >= low) & (sought <= high)]
    return bool(near.size) and any(
        np.isin(batch["response"].to_numpy(), near).any()
        for batch in pq.ParquetFile(path).iter_batches(columns=["response"])
    )


def _cleared(
    facts: Facts, file: FactFile, sought: np.ndarray, columns: tuple[str, ...]
) -> FactFile:
    schema = facts_schema(file.bounds.keys() - COLUMNS.keys())
    with MonthFile(facts.folder, file.month, schema) as rewritten:
        for batch in pq.ParquetFile(facts.path(file)).iter_batches(ROW_GROUP, columns=schema.names):
            theirs = np.isin(batch["response"].to_numpy(), sought)
            arrays = [
                pa.array(np.where(theirs, 0, batch[name].to_numpy()), field.type)
                if (name := field.name) in columns
                else batch[name]
                for field in schema
            ]
            rewritten.write(pa.table(arrays, schema=schema))
        return rewritten.close()
