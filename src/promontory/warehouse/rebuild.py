"""The whole warehouse from nothing, as `promontory warehouse rebuild` does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from promontory.warehouse.clusterfile import number_clusters
from promontory.warehouse.cubefile import build_cube
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.rowset import seal_months
from promontory.warehouse.upkeep import compact


def rebuild(
    facts: Facts,
    batches: Iterable[pa.RecordBatch],
    position: int,
    day_ends: Mapping[int, int] | None = None,
    *,
    dimensions: Iterable[str] = (),
) -> Manifest:
    """Build everything anew from all the rows up to a position, and return the new manifest.

    The rows are streamed in any order. The old warehouse answers until the new one is whole and
    takes its place at once; then its months are merged and hashed, people and accounts are
    numbered, and the day cube is counted over the declared dimensions. Killed on the way, it leaves
    either the old or the new one.
    """
    facts.replace_all(batches, position, day_ends)
    compact(facts)
    seal_months(facts)
    number_clusters(facts)
    return build_cube(facts, dimensions)
