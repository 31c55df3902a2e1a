"""What the child processes of an import do: judge a file, or make it ready to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from promontory.errors import BadInput
from promontory.program.customers.rules.hold_rows import HoldJudge, HoldPacker, HoldPreviewer
from promontory.program.customers.rules.judging import Judge
from promontory.program.customers.rules.mapping import Mapping as Declared
from promontory.program.customers.rules.packing import Packer, Plan, Slice
from promontory.program.customers.rules.previewing import Previewer
from promontory.program.customers.rules.resolving import Resolver
from promontory.program.customers.rules.rows import State
from promontory.program.customers.rules.setting_apart import SettingApart
from promontory.program.offload import Channel
from promontory.tables import Table
from promontory.tables import open as open_table

BATCH_ROWS = 10_000
SLICE_ROWS = 256


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """A file to be judged from its first row to its last."""

    path: str
    file_name: str
    mapping: Declared
    index_key: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class CommitRequest:
    """A file to be made ready to be written, from the row after `rows_done` on."""

    path: str
    file_name: str
    mapping: Declared
    plan: Plan
    source: int
    sha256: str
    keeper_key: bytes
    rows_done: int


class _Asking:
    """The parent, as those who ask it see it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def people(
        self, indexes: Mapping[str, Sequence[bytes]]
    ) -> tuple[dict[str, dict[bytes, int]], dict[int, State]]:
        if not any(indexes.values()):
            return {kind: {} for kind in indexes}, {}
        found: tuple[dict[str, dict[bytes, int]], dict[int, State]] = self._channel.ask(
            "people", indexes
        )
        return found

    def accounts(self, names: Mapping[str, str]) -> dict[str, int]:
        return dict(self._channel.ask("accounts", names))

    def codes(self, dimension: int, labels: Sequence[str]) -> dict[str, int]:
        return dict(self._channel.ask("codes", dimension, labels))

    def who(self, kind: str, values: Sequence[Any]) -> dict[Any, int]:
        return dict(self._channel.ask("who", kind, values)) if values else {}


def preview(request: PreviewRequest, channel: Channel) -> None:
    """Judge every row and send what the file would do."""
    table, asking = _opened(request.path, request.file_name, request.mapping), _Asking(channel)
    if request.mapping.kind == "holds":
        holds = HoldJudge(request.mapping, table.columns, now=request.now)
        beside = HoldPreviewer(request.index_key, asking)
        _judge(table, lambda batch: beside.add(holds.judge(batch)), beside, channel)
    else:
        judge = Judge(request.mapping, table.columns, now=request.now)
        previewer = Previewer(request.mapping, Resolver(asking, request.index_key))
        _judge(table, lambda batch: previewer.add(judge.judge(batch)), previewer, channel)


def _judge(
    table: Table,
    add: Callable[[pa.RecordBatch], None],
    previewer: Previewer | HoldPreviewer,
    channel: Channel,
) -> None:
    for batch in _cut(table):
        add(batch)
        channel.send("progress", (previewer.last_row, table.rows_hint))
    channel.send("result", {**previewer.result(), "notes": list(table.notes)})


def commit(request: CommitRequest, channel: Channel) -> None:
    """Send the file as slices ready to be written, in the order of its rows."""
    table, asking = _opened(request.path, request.file_name, request.mapping), _Asking(channel)
    apart = SettingApart(request.source, request.keeper_key, request.plan.index_key)
    if request.mapping.kind == "holds":
        holds = HoldJudge(request.mapping, table.columns, now=request.plan.terms.at)
        held = HoldPacker(request.plan, request.sha256, asking, apart)
        for batch in _cut(table):
            rows = [one for one in holds.judge(batch) if one.number > request.rows_done]
            for made in held.pack(rows, rows_a_slice=SLICE_ROWS):
                channel.send("slice", made)
        return
    judge = Judge(request.mapping, table.columns, now=request.plan.terms.at)
    packer = Packer(request.plan, asking)
    for batch in _cut(table):
        judged = judge.judge(batch)
        past = [one.row for one in judged if one.row and one.number <= request.rows_done]
        if past:
            packer.resolver.skip(past)
        rest = [one for one in judged if one.number > request.rows_done]
        resolved = iter(packer.read([one.row for one in rest if one.row is not None]))
        for start in range(0, len(rest), SLICE_ROWS):
            whole = Slice()
            for one in rest[start : start + SLICE_ROWS]:
                whole.size += 1
                whole.last_row = one.number
                if one.is_blank:
                    whole.count("blank rows")
                elif one.row is None:
                    apart.put(one.number, one.cells, one.reasons, into=whole)
                    whole.count("set apart")
                else:
                    outcome = packer.write(next(resolved), whole)
                    whole.count(outcome.what)
                    if outcome.kept_closed:
                        whole.count("kept closed")
                    if outcome.reasons:
                        apart.put(one.number, one.cells, outcome.reasons, into=whole)
            channel.send("slice", whole)


def _opened(path: str, name: str, mapping: Declared) -> Table:
    table = open_table(path, sheet=mapping.sheet or None)
    if not table.columns:
        raise BadInput(f"“{name}” has no columns.")
    mapping.check(table.columns)
    return table


def _cut(table: Table) -> Iterator[pa.RecordBatch]:
    for batch in table.batches():
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)
