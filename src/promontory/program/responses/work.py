"""What the child processes of an import do: judge a file, or make it ready to be written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from promontory.errors import BadInput
from promontory.program.offload import Channel
from promontory.program.responses.rules.facts import facts
from promontory.program.responses.rules.judging import Judge
from promontory.program.responses.rules.mapping import PERSON_ROLES, Mapping
from promontory.program.responses.rules.packing import Packer
from promontory.program.responses.rules.previewing import Previewer
from promontory.program.responses.rules.slices import Plan
from promontory.tables import Table
from promontory.tables import open as open_table
from promontory.warehouse import Facts

BATCH_ROWS = 20_000
SLICE_ROWS = 256


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """A file to be judged from its first row to its last."""

    path: str
    file_name: str
    mapping: Mapping
    survey: int
    promise: str
    sha256: str
    index_key: bytes
    has_stored: bool


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """A file to be made ready to be written, from the row after `rows_done` on."""

    path: str
    file_name: str
    plan: Plan
    rows_done: int


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """The warehouse to be brought up to a position of the ledger."""

    path: str
    upto: int
    day_ends: dict[int, int]
    replace: bool


@dataclass(frozen=True, slots=True)
class TendRequest:
    """The warehouse to be tidied; `dimensions` are the columns of the declared dimensions."""

    path: str
    dimensions: list[str]


class _Asking:
    """The parent, as those who ask it see it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def contacts(self, kind: str, indexes: Sequence[bytes]) -> dict[bytes, Any]:
        return self._channel.ask("contacts", kind, indexes) if indexes else {}

    def accounts(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        return dict(self._channel.ask("accounts", keys))

    def codes(self, dimension: int, labels: Sequence[str]) -> dict[str, int]:
        return dict(self._channel.ask("codes", dimension, labels))

    def stored(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
        return self._channel.ask("stored", keys) if keys else {}

    def twins(self, contents: Sequence[tuple[str, int]]) -> set[int]:
        return set(self._channel.ask("twins", contents)) if contents else set()


def preview(request: PreviewRequest, channel: Channel) -> None:
    """Judge every row and send what the file would become."""
    table, judge = _opened(request.path, request.file_name, request.mapping, request.promise)
    previewer = Previewer(
        mapping=request.mapping,
        survey=request.survey,
        sha256=request.sha256,
        index_key=request.index_key,
        is_anonymous=request.promise == "anonymous",
        has_stored=request.has_stored,
        ask=_Asking(channel),
    )
    for batch in _cut(table):
        previewer.add(judge.judge(batch))
        channel.send("progress", (previewer.last_row, table.rows_hint))
    channel.send("result", {**previewer.result(), "notes": list(table.notes)})


def commit(request: CommitRequest, channel: Channel) -> None:
    """Send the file as slices ready to be written, in the order of its rows."""
    plan = request.plan
    table, judge = _opened(request.path, request.file_name, plan.mapping, plan.promise)
    packer = Packer(plan, _Asking(channel))
    for judged in judge.batches(_cut(table), request.rows_done):
        for made in packer.pack(judged, rows_a_slice=SLICE_ROWS):
            channel.send("slice", made)


def refresh(request: RefreshRequest, channel: Channel) -> None:
    """Write the facts of the entries that the parent hands over, part by part."""

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        while (part := channel.ask("next")) is not None:
            entries, undeclared = part
            yield facts(entries, dict(undeclared))
            done += len(entries)
            channel.send("progress", done)

    warehouse = Facts(Path(request.path))
    write = warehouse.replace_all if request.replace else warehouse.append
    write(batches(), request.upto, request.day_ends)


def tend(request: TendRequest, channel: Channel) -> None:
    """Merge the small files of each month, number people, build the day cube, hash the months."""
    from promontory.warehouse.clusterfile import number_clusters
    from promontory.warehouse.cubefile import build_cube
    from promontory.warehouse.rowset import seal_months
    from promontory.warehouse.upkeep import compact

    warehouse = Facts(Path(request.path))
    compact(warehouse)
    number_clusters(warehouse)
    build_cube(warehouse, request.dimensions)
    seal_months(warehouse)


def _opened(path: str, name: str, mapping: Mapping, promise: str) -> tuple[Table, Judge]:
    table = open_table(path, sheet=mapping.sheet or None)
    mapping.check(table.columns)
    anonymous = promise == "anonymous"
    without = [c.name for c in mapping.columns if anonymous and c.role in PERSON_ROLES]
    if not table.columns:
        raise BadInput(f"“{name}” has no columns.")
    return table, Judge(mapping, table.columns, without=without)


def _cut(table: Table) -> Any:
    for batch in table.batches():
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)
