"""The day cube on disk: the facts of one position, counted beforehand.

n = Σ sign by day × survey × metric × channel × language × unit × mask × answer × d × g × the
declared dimensions, and the same rolled up: by month, and by day over each column that pages slice
by and each two of them. Every roll-up is two Arrow files, to be mapped: the cells (time,
combination, n) in that order, and the combinations of everything but the time.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from promontory.errors import BadInput
from promontory.warehouse.cube import RollUp, roll_up
from promontory.warehouse.evaluate import Numbers
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import Manifest, sync_folder
from promontory.warehouse.schema import is_attribute, months_of
from promontory.warehouse.upkeep import MEMORY

ALWAYS = ("survey", "metric", "channel", "language", "unit", "mask", "answer", "d", "g")
"""The columns of every cube beside the day; declared attributes follow."""

CORE = frozenset({"survey", "metric", "mask", "answer"})
"""The columns of every roll-up: pages ask for one survey, one metric, what counts, by answer."""

SLICED = ("unit", "channel", "language")
"""The columns beside the declared dimensions that pages slice by."""

ROOM = 4
"""How many times the cube's own cells the roll-ups may have together."""


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
        cube = _count(facts, manifest, declared)
        rollups = list(_roll_ups(cube, declared))
        files = [name for _, _, made in rollups for name in _store(facts.folder, made)]
        sync_folder(facts.folder)
        entry = {
            "files": files,
            "rollups": [[grain, sorted(columns)] for grain, columns, _ in rollups],
            "position": manifest.position,
            "columns": [*ALWAYS, *declared],
            "cells": cube.n.size,
        }
        return facts.publish(manifest, manifest.files, cube=entry)


def _roll_ups(cube: RollUp, declared: list[str]) -> Iterator[tuple[str, frozenset[str], RollUp]]:
    """Yield the cube itself, its months, and its days over the columns asked for most."""
    whole = frozenset(cube.columns)
    yield "day", whole, cube
    months = RollUp(cube.columns, months_of(cube.time), cube.combination, cube.n)
    yield "month", whole, roll_up(months, whole)
    sliced = (*declared, *SLICED)
    room = ROOM * cube.n.size
    for columns in ((), *combinations(sliced, 1), *combinations(sliced, 2)):
        wanted = CORE.union(columns)
        made = roll_up(cube, wanted)
        if made.n.size > room:
            return
        if 3 * made.n.size <= 2 * cube.n.size:  # else it is hardly quicker than the cube
            room -= made.n.size
            yield "day", wanted, made


def _count(facts: Facts, manifest: Manifest, declared: list[str]) -> RollUp:
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
        cells = session.sql(
            f"SELECT day, combination, n FROM cells JOIN combinations USING ({columns})"
            " ORDER BY day, combination"
        ).fetchnumpy()
        names = session.sql(f"SELECT {columns} FROM combinations ORDER BY combination")
        return RollUp(names.fetchnumpy(), cells["day"], cells["combination"], cells["n"])


def _store(folder: Path, made: RollUp) -> list[str]:
    """Write a roll-up durably, as it lies in memory, and return the names of its files."""
    cells = {"time": made.time, "combination": made.combination, "n": made.n}
    names = [f"{uuid.uuid4().hex}.{kind}" for kind in ("cells", "combinations")]
    for name, columns in zip(names, (cells, made.columns), strict=True):
        table = pa.table({key: pa.array(_narrow(values)) for key, values in columns.items()})
        with (folder / name).open("wb") as file:
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())
    return names


def _narrow(values: Numbers) -> Numbers:
    """Return the values in 32 bits if they fit: half the bytes to map."""
    ends = np.iinfo(np.int32)
    fits = values.size == 0 or (values.min() >= ends.min and values.max() <= ends.max)
    return np.ascontiguousarray(values, np.int32 if fits else np.int64)
