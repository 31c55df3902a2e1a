"""A table: named columns, and Arrow record batches that stream through once or again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from promontory.tables.verdicts import Verdict

# Three technical columns end every batch. A broken row travels with the good ones, in its place, so
# that nothing is lost: PROBLEM is its verdict's slug (null for a good row), RAW what stood there.
ROW = "__row__"
PROBLEM = "__problem__"
RAW = "__raw__"
_TECHNICAL = [pa.field(ROW, pa.int64()), pa.field(PROBLEM, pa.string()), pa.field(RAW, pa.string())]

BATCH_ROWS = 65_536
Reader = Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]]


@dataclass(slots=True)
class Table:
    """Answers from anywhere, read as columns.

    `batches()` yields record batches of the columns followed by `__row__` (the original row
    number, a header being row 1), `__problem__` and `__raw__`. `rows_hint` is how many rows to
    expect (None: unknown), `bytes_hint` the size of the file. `notes` says, in sentences, whatever
    was decided in reading; notes on what only reading shows are added as batches stream.
    """

    name: str
    format: str
    columns: tuple[str, ...]
    reader: Reader
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    path: str = ""
    rows_hint: int | None = None
    bytes_hint: int | None = None
    bytes_read: Callable[[], int] | None = None
    notes: list[str] = field(default_factory=list)
    once: bool = False

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Stream the table; with `columns`, only these (and the technical three)."""
        return self.reader(columns)

    def sample(self, rows: int = 5_000) -> pa.Table:
        """The first good rows, to recognise the columns by."""
        kept: list[pa.RecordBatch] = []
        count = 0
        for batch in self.batches():
            good = batch.filter(batch.column(PROBLEM).is_null())
            kept.append(good.slice(0, rows - count))
            count += kept[-1].num_rows
            if count >= rows:
                break
        empty = pa.schema([pa.field(name, pa.string()) for name in self.columns] + _TECHNICAL)
        return pa.Table.from_batches(kept) if kept else empty.empty_table()

    def note(self, sentence: str) -> None:
        """Add a note, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be read into the columns."""

    row: int
    verdict: Verdict
    raw: str


def good_batch(columns: Sequence[pa.Array], names: Sequence[str], first: int) -> pa.RecordBatch:
    """A batch of good rows only, numbered from `first` on."""
    size = len(columns[0]) if columns else 0
    numbers = pa.array(range(first, first + size), pa.int64())
    return numbered_batch(columns, names, numbers)


def numbered_batch(
    columns: Sequence[pa.Array],
    names: Sequence[str],
    rows: pa.Array,
    problems: pa.Array | None = None,
    raws: pa.Array | None = None,
) -> pa.RecordBatch:
    """A batch with these row numbers and, where rows are broken, problems and raw texts."""
    size = len(rows)
    nulls = pa.nulls(size, pa.string())
    fields = [pa.field(name, col.type) for name, col in zip(names, columns, strict=True)]
    return pa.RecordBatch.from_arrays(
        [*columns, rows, nulls if problems is None else problems, nulls if raws is None else raws],
        schema=pa.schema(fields + _TECHNICAL),
    )


def text_batch(
    rows: Sequence[Sequence[str | None]],
    numbers: Sequence[int],
    broken: Sequence[BrokenRow],
    names: Sequence[str],
) -> pa.RecordBatch:
    """A batch of text rows, with the broken ones put in their places."""
    width = len(names)
    blank: tuple[None, ...] = (None,) * width
    merged: list[tuple[int, tuple[str | None, ...], str | None, str | None]] = [
        (number, tuple(row), None, None) for number, row in zip(numbers, rows, strict=True)
    ]
    if broken:
        merged += [(b.row, blank, b.verdict.slug, b.raw) for b in broken]
        merged.sort(key=lambda item: item[0])
    columns = [pa.array([item[1][place] for item in merged], pa.string()) for place in range(width)]
    return numbered_batch(
        columns,
        names,
        pa.array([item[0] for item in merged], pa.int64()),
        pa.array([item[2] for item in merged], pa.string()),
        pa.array([item[3] for item in merged], pa.string()),
    )


def unique_names(names: Sequence[object]) -> tuple[tuple[str, ...], list[str]]:
    """Column names made present and unique, and notes on those that were changed."""
    result: list[str] = []
    notes: list[str] = []
    seen: set[str] = {ROW, PROBLEM, RAW}
    for place, raw in enumerate(names, start=1):
        name = " ".join(str("" if raw is None else raw).split())
        if not name:
            name = f"column {place}"
        if name in seen:
            number = 2
            while f"{name} ({number})" in seen:
                number += 1
            notes.append(f"Two columns are called “{name}”; the later is “{name} ({number})”.")
            name = f"{name} ({number})"
        seen.add(name)
        result.append(name)
    return tuple(result), notes
