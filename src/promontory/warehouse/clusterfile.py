"""The numbers of people and accounts on disk: made when the warehouse is tended, mapped when read.

Per cluster column two Arrow files, which the manifest names: the ids, ascending, whose places are
the numbers; and for each of the facts' files one batch with its rows in the order of their
cluster: `number`, and the `row` it stands for. A file that came later is not among them; whoever
reads numbers it for itself, from the same ids.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from promontory.warehouse.evaluate import Numbers
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile, Manifest, sync_folder

CLUSTERS = ("person", "account")

PENDING = 1 << 22
"""Ids held beside those already merged; the rest of the memory is one month's."""

_IDS = pa.schema([pa.field("id", pa.int64(), nullable=False)])
_ROWS = pa.schema([pa.field(name, pa.int32(), nullable=False) for name in ("number", "row")])


def number_clusters(facts: Facts) -> Manifest:
    """Number the clusters of every file anew, unless they all are, and publish the numbers."""
    with facts.refreshing() as manifest:
        names = {file.name for file in manifest.files}
        if not manifest.files or all({*entry["numbered"]} == names for entry in _entries(manifest)):
            return manifest
        made = {column: _build(facts, manifest, column) for column in CLUSTERS}
        sync_folder(facts.folder)
        return facts.publish(manifest, manifest.files, clusters=made)


def in_cluster_order(facts: Facts, file: FactFile, column: str) -> tuple[Numbers, Numbers, Numbers]:
    """Return the distinct clusters of a file, ascending, how many rows each has, and the rows.

    A response of nobody known is a cluster of its own.
    """
    table = pq.read_table(facts.path(file), columns=[column, "response"], use_threads=False)
    ids, response = (table[name].to_numpy() for name in (column, "response"))
    ids = np.where(ids == 0, -response, ids)
    rows: Numbers = np.argsort(ids).astype(np.int32)
    ids = ids[rows]
    starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
    return ids[starts], np.diff(starts, append=ids.size), rows


def load_numbers(
    facts: Facts, entry: Mapping[str, Any]
) -> tuple[Numbers, dict[str, tuple[Numbers, Numbers]]]:
    """Return the ids of an entry, and the numbers and rows of each file; mapped, not read."""
    ids, numbers = (_mapped(facts.folder / name) for name in entry["files"])
    by_file = {
        name: (batch["number"].to_numpy(), batch["row"].to_numpy())
        for name, batch in zip(entry["numbered"], numbers, strict=True)
    }
    return ids[0]["id"].to_numpy(), by_file


def _entries(manifest: Manifest) -> list[Mapping[str, Any]]:
    missing = {"numbered": ()}
    return [(manifest.clusters or {}).get(column, missing) for column in CLUSTERS]


def _build(facts: Facts, manifest: Manifest, column: str) -> dict[str, Any]:
    names = [f"{uuid.uuid4().hex}.clusters" for _ in range(2)]
    ids = _all_ids(facts, manifest, column)

    def numbered() -> Iterator[pa.RecordBatch]:
        for file in manifest.files:
            distinct, counts, rows = in_cluster_order(facts, file, column)
            number = np.repeat(np.searchsorted(ids, distinct).astype(np.int32), counts)
            yield pa.record_batch([pa.array(number), pa.array(rows)], schema=_ROWS)

    _store(facts.folder / names[0], _IDS, iter([pa.record_batch([pa.array(ids)], schema=_IDS)]))
    _store(facts.folder / names[1], _ROWS, numbered())
    return {"files": names, "numbered": [file.name for file in manifest.files]}


def _all_ids(facts: Facts, manifest: Manifest, column: str) -> Numbers:
    merged: Numbers = np.empty(0, np.int64)
    pending: list[Numbers] = []
    for file in manifest.files:
        pending.append(in_cluster_order(facts, file, column)[0])
        if sum(ids.size for ids in pending) > PENDING:
            merged, pending = np.unique(np.concatenate([merged, *pending])), []
    return np.unique(np.concatenate([merged, *pending]))


def _store(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    """Write batches to a file, durably and as they lie in memory."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _mapped(path: Path) -> list[pa.RecordBatch]:
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    return [reader.get_batch(place) for place in range(reader.num_record_batches)]
