"""How a delimited text is written: its delimiter, whether it has a header, where data begin."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator

from promontory.errors import BadInput
from promontory.tables.delimited import Dialect
from promontory.tables.table import unique_names

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 200
_SEP_LINE = re.compile(r"^\ufeff?sep=(.)\r?\n", re.IGNORECASE)
_VALUE = re.compile(
    r"^[-+]?\d+(?:[.,]\d+)?%?$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^[^@\s]+@[^@\s]+\.\w+$"
)


def sniff(
    text: str, *, delimiter: str | None = None, header: bool | None = None, whole: bool = True
) -> tuple[Dialect, list[str]]:
    """The dialect of a text that begins like this, and notes on what was decided.

    `whole` says that the sample is the whole text, so that its last line counts.
    """
    notes: list[str] = []
    offset, row = 0, 1
    if match := _SEP_LINE.match(text):
        delimiter = delimiter or match[1]
        offset, row = len(match[0]), 2
    lines = [line + "\n" for line in text[offset:].split("\n")]
    lines[-1] = lines[-1][:-1]
    if not whole and len(lines) > 1:
        lines = lines[:-1]
    if delimiter is None:
        delimiter = _delimiter_of(lines)
    skip_blanks = re.search(re.escape(delimiter) + r' +"', text) is not None
    records = _records(lines, delimiter, skip_blanks)
    skipped = 0
    names: list[str] = []
    for cells, size in records:
        if any(cell.strip() for cell in cells):
            names = cells
            break
        skipped += size
        row += 1
    else:
        raise BadInput("The file holds no rows.", remedy="Export it again and look inside.")
    following = [cells for cells, _ in _take(records, _SAMPLE_RECORDS) if cells]
    if header is None:
        header = not looks_like_data(names, following)
        if not header:
            notes.append("The first row holds answers, not names; columns are called by number.")
    width = _width(names, following)
    if header:
        padded = names + [""] * (width - len(names))
        columns, renamed = unique_names(padded)
        notes += renamed
        skipped += size
        row += 1
    else:
        columns, _ = unique_names([""] * len(names))
    skip_bytes = len(text[:offset].encode()) + skipped
    return Dialect(delimiter, columns, row, skip_bytes, skip_blanks), notes


def _delimiter_of(lines: list[str]) -> str:
    """The delimiter under which most records have one same width above one."""

    def merit(delimiter: str) -> tuple[float, int]:
        widths = Counter(
            len(cells)
            for cells, _ in _take(_records(lines, delimiter, False), _SAMPLE_RECORDS)
            if cells
        )
        if not widths:
            return (0.0, 0)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        return (0.0, 0) if width == 1 else (round(count / widths.total(), 1), width)

    best = max(_DELIMITERS, key=merit)
    return best if merit(best)[1] > 1 else ","


def _records(
    lines: list[str], delimiter: str, skip_blanks: bool
) -> Iterator[tuple[list[str], int]]:
    """Each record's cells and its size in UTF-8 bytes."""
    taken = 0

    def feed() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += len(line.encode())
            yield line.replace("\r", "")

    before = 0
    for cells in csv.reader(feed(), delimiter=delimiter, skipinitialspace=skip_blanks):
        yield cells, taken - before
        before = taken


def _take(records: Iterator[tuple[list[str], int]], count: int) -> Iterator[tuple[list[str], int]]:
    for _, record in zip(range(count), records, strict=False):
        yield record


def looks_like_data(first: list[str], following: list[list[str]]) -> bool:
    """Whether the first row is data: all of it values, or a value over a column of numbers."""
    cells = [cell.strip() for cell in first if cell.strip()]
    if all(_VALUE.match(cell) for cell in cells):
        return True
    for place, cell in enumerate(first):
        if not _VALUE.match(cell.strip()):
            continue
        below = [row[place].strip() for row in following if place < len(row) and row[place].strip()]
        if below and sum(bool(_VALUE.match(value)) for value in below) > 0.9 * len(below):
            return True
    return False


def _width(names: list[str], following: list[list[str]]) -> int:
    """The header's width, or more when every row ends in as many empty cells."""
    widths = Counter(len(cells) for cells in following)
    if not widths:
        return len(names)
    common, count = widths.most_common(1)[0]
    surplus_empty = all(
        not any(cell.strip() for cell in cells[len(names) :]) for cells in following
    )
    if common > len(names) and count > 0.9 * len(following) and surplus_empty:
        return common
    return len(names)
