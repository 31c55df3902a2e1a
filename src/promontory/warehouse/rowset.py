"""The row-set hash: one short string that says which rows the warehouse holds.

Every row is a record of fifteen little-endian 64-bit integers, the columns of `RECORD`; attributes
are not among them, for erasure takes them out and may not change the hash. A month's hash is
SHA-256 over its number, its count and its records in ascending order; the root is a Merkle tree
over the months. It depends on the rows alone, not on the files they lie in nor on their order.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile, Manifest, Month
from promontory.warehouse.schema import COLUMNS
from promontory.warehouse.upkeep import sorted_batches

RECORD = tuple(name for name in COLUMNS if name != "month")
"""What a record holds, in order; `month` follows from `day`."""


def seal_months(facts: Facts) -> str:
    """Hash the months that have changed since they were last hashed, and return the root.

    Takes the refresher's lock; the hashes are kept in the manifest.
    """
    with facts.refreshing() as manifest:
        months = {
            month: known if known.sha256 else Month(known.rows, _hash(facts, manifest, month))
            for month, known in manifest.months.items()
        }
        if months != manifest.months:
            manifest = facts.publish(replace(manifest, months=months), manifest.files)
        return _root([month.sha256 or "" for month in manifest.months.values()])


def row_set_hash(facts: Facts, *, as_of: int | None = None) -> str:
    """Return the root of the rows at or below a position (all of them by default).

    Only reads: months that lie wholly at or below the position use the hash in the manifest.
    """
    manifest = facts.manifest()
    hashes = []
    for month, known in sorted(manifest.months.items()):
        files = [file for file in manifest.files if file.month == month]
        if as_of is not None and all(file.bound("position")[0] > as_of for file in files):
            continue
        whole = as_of is None or all(file.bound("position")[1] <= as_of for file in files)
        kept = known.sha256 if whole else None
        hashes.append(kept or _hash(facts, manifest, month, as_of))
    return _root(hashes)


def _hash(facts: Facts, manifest: Manifest, month: int, as_of: int | None = None) -> str:
    schema = pa.schema([pa.field(name, pa.int64()) for name in RECORD])
    files: list[FactFile] = [file for file in manifest.files if file.month == month]
    paths: list[Path] = [facts.path(file) for file in files]
    digest, rows = hashlib.sha256(), 0
    with tempfile.TemporaryDirectory() as scratch:
        for batch in sorted_batches(paths, schema, list(RECORD), Path(scratch), as_of):
            rows += batch.num_rows
            records = np.column_stack([column.to_numpy() for column in batch.columns])
            digest.update(records.astype("<i8", copy=False).tobytes())
    head = np.array([month, rows], "<i8").tobytes()
    return hashlib.sha256(b"month" + head + digest.digest()).hexdigest()


def _root(hashes: list[str]) -> str:
    """Return the Merkle root; a node without a sibling goes up as it is."""
    level = [bytes.fromhex(text) for text in hashes] or [hashlib.sha256(b"empty").digest()]
    while len(level) > 1:
        pairs = [level[place : place + 2] for place in range(0, len(level), 2)]
        level = [_node(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0].hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"node" + left + right).digest()
