"""The day cube on disk: the facts of one position, counted beforehand.

n = Σ sign by day × survey × metric × channel × language × unit × mask × answer × d × g × the
declared dimensions, in two Parquet files: the combinations of everything but the day, and the
cells (day, combination, n) in that order.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from promontory.errors import BadInput
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import Manifest, sync_folder
from promontory.warehouse.schema import is_attribute
from promontory.warehouse.upkeep import MEMORY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ALWAYS = ("survey", "metric", "channel", "language", "unit", "mask", "answer", "d", "g")
"""The columns of every cube beside the day; declared attributes follow."""

BATCH = 1 << 20


def build_cube(facts: Facts, dimensions: Iterable[str]) -> Manifest:
    """Count the facts into a new day cube with these attribute columns, and publish it.

    The declared dimensions are those that pages slice by; a question that uses another column is
    answered from the facts.
    """
    declared = sorted({*dimensions}, key=lambda name: (len(name), name))
    if not all(is_attribute(name) for name in declared):
        raise BadInput("The day cube's declared dimensions are attribute columns (a1, a2 …).")
    with facts.refreshing() as manifest:
        if not manifest.files:
            return manifest
        files = [f"{uuid.uuid4().hex}.cells", f"{uuid.uuid4().hex}.combinations"]
        cells = _build(facts, manifest, declared, [facts.folder / name for name in files])
        sync_folder(facts.folder)
        entry = {
            "files": files,
            "position": manifest.position,
            "columns": [*ALWAYS, *declared],
            "cells": cells,
        }
        return facts.publish(manifest, manifest.files, cube=entry)


def _build(facts: Facts, manifest: Manifest, declared: list[str], files: list[Path]) -> int:
    import duckdb

    columns = ", ".join([*ALWAYS, *declared])
    known = [
        f"COALESCE({name}, 0) AS {name}" if name in manifest.attributes else f"0 AS {name}"
        for name in declared
    ]
    config: dict[str, Any] = {
        "memory_limit": MEMORY,
        "temp_directory": str(facts.folder / "sorting"),
    }
    with duckdb.connect(config=config) as session:
        session.execute(
            f"CREATE TABLE cells AS SELECT day, {columns}, SUM(sign)::BIGINT AS n"
            f" FROM (SELECT day, sign, {', '.join([*ALWAYS, *known])}"
            "       FROM read_parquet($paths, union_by_name = true))"
            " GROUP BY ALL HAVING SUM(sign) <> 0",
            {"paths": [str(facts.path(file)) for file in manifest.files]},
        )
        session.execute(
            f"CREATE TABLE combinations AS SELECT *, (row_number() OVER (ORDER BY {columns}) - 1)"
            f"::INTEGER AS combination FROM (SELECT DISTINCT {columns} FROM cells)"
        )
        cells = f"SELECT day, combination, n FROM cells JOIN combinations USING ({columns})"
        count = _store(session, f"{cells} ORDER BY day, combination", files[0])
        _store(session, f"SELECT {columns} FROM combinations ORDER BY combination", files[1])
    return count


def _store(session: DuckDBPyConnection, query: str, path: Path) -> int:
    """Write what the query answers to a file, durably, and return how many rows it has."""
    reader: Any = session.sql(query).to_arrow_reader(BATCH)
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="lz4") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return rows
