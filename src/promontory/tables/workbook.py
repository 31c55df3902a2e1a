"""Workbooks (XLSX): one sheet as text columns, formula cells by their stored results."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from promontory.errors import BadInput, Place
from promontory.tables import extent
from promontory.tables.cells import unread_cells
from promontory.tables.sniff import looks_like_data
from promontory.tables.sources import Source
from promontory.tables.table import BrokenRow, Table, text_batch, unique_names
from promontory.tables.verdicts import Verdict

ROW_LIMIT = 1_048_576
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet's rows, and where in it names and data stand (rows and columns from 0)."""

    content: Any
    left: int
    data_row: int
    unread: dict[tuple[int, int], str]


def table_of(
    source: Source, *, sheet: str | int | None = None, header: bool | None = None
) -> Table:
    """The sheet of this name or number (from 1), else the first visible one that is not empty."""
    with source.opener() as stream:
        extent.check(stream, source.name)
    book = _book(source)
    name, notes = _chosen_sheet(book, sheet, source)
    content = book.get_sheet_by_name(name)
    left = content.start[1] if content.start else 0
    height = content.end[0] + 1 if content.end else 0
    with source.opener() as stream:
        unread = unread_cells(stream, book.sheet_names.index(name))
    head_row, head, following = _head(content)
    if header is None:
        header = not looks_like_data(head, following)
        if not header:
            notes.append("The first row holds answers, not names; columns are called by number.")
    columns, renamed = unique_names(head if header else [""] * len(head))
    if height >= ROW_LIMIT:
        notes.append(
            f"The sheet is filled to the last of its {ROW_LIMIT:,} rows: whatever exported it may"
            " have cut it off there. Compare the number of rows with the source, or export CSV."
        )
    read = _Sheet(content, left, head_row + 1 if header else head_row, unread)
    return Table(
        source.name,
        "XLSX",
        columns,
        lambda wanted: _batches(read, columns, wanted),
        sheet=name,
        path=str(source.path or ""),
        rows_hint=max(0, height - read.data_row),
        bytes_hint=source.size,
        notes=notes + (renamed if header else []),
    )


def _book(source: Source) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        if source.path is not None:
            return CalamineWorkbook.from_path(source.path)
        return CalamineWorkbook.from_filelike(io.BytesIO(source.head(-1)))
    except PasswordError as error:
        raise BadInput(
            "The workbook is protected by a password.",
            remedy="Save a copy without the password.",
            place=Place(file=source.name),
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(
            "The workbook is damaged, or no workbook.",
            remedy="Save it again as XLSX, or as CSV.",
            place=Place(file=source.name),
        ) from error


def _chosen_sheet(book: Any, sheet: str | int | None, source: Source) -> tuple[str, list[str]]:
    names: list[str] = list(book.sheet_names)
    if sheet is not None:
        if isinstance(sheet, str) and sheet in names:
            return sheet, []
        if str(sheet).isdigit() and 1 <= int(sheet) <= len(names):
            return names[int(sheet) - 1], []
        raise BadInput(
            f"There is no sheet “{sheet}”.",
            remedy="The sheets are " + ", ".join(f"“{name}”" for name in names) + ".",
            place=Place(file=source.name),
        )
    hidden = {
        meta.name for meta in book.sheets_metadata if "VISIBLE" not in str(meta.visible).upper()
    }
    filled = [
        name for name in names if name not in hidden and book.get_sheet_by_name(name).height > 0
    ]
    if not filled:
        raise BadInput(
            "The workbook's visible sheets are all empty.",
            remedy="Name a hidden sheet, or save the right one.",
            place=Place(file=source.name),
        )
    if len(filled) == 1:
        return filled[0], []
    others = ", ".join(f"“{name}”" for name in filled[1:])
    return filled[0], [f"Read the first sheet, “{filled[0]}”; there are also {others}."]


def _head(content: Any) -> tuple[int, list[str], list[list[str]]]:
    head_row = 0
    head: list[str] = []
    following: list[list[str]] = []
    for row, cells in enumerate(content.iter_rows()):
        texts = [cell_text(cell) or "" for cell in cells]
        if not any(texts):
            continue
        if not head:
            head_row, head = row, texts
        else:
            following.append(texts)
            if len(following) >= 200:
                break
    return head_row, head, following


def _batches(
    sheet: _Sheet, names: Sequence[str], wanted: Sequence[str] | None
) -> Iterator[pa.RecordBatch]:
    chosen = tuple(names if wanted is None else wanted)
    places = [names.index(name) for name in chosen]
    unread = sheet.unread
    rows_unread = {row for row, _ in unread}
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    broken: list[BrokenRow] = []
    for row, cells in enumerate(sheet.content.iter_rows()):
        if row < sheet.data_row:
            continue
        texts = [cell_text(cell) for cell in cells]
        if row in rows_unread:
            texts = [
                text if text is not None else unread.get((row, sheet.left + place))
                for place, text in enumerate(texts)
            ]
        if any(text is not None for text in texts):
            rows.append([texts[place] for place in places])
            numbers.append(row + 1)
        else:
            broken.append(BrokenRow(row + 1, Verdict.BLANK_ROW, ""))
        if len(rows) + len(broken) >= _BATCH:
            yield text_batch(rows, numbers, broken, chosen)
            rows, numbers, broken = [], [], []
    if rows or broken:
        yield text_batch(rows, numbers, broken, chosen)


def cell_text(cell: object) -> str | None:
    """A workbook's cell as text: whole numbers without ".0", dates in ISO form."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
