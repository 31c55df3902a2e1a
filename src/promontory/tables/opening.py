"""Opening anything as a table: the one door, which asks the content and not the name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

import pyarrow as pa

from promontory.errors import BadInput, Place
from promontory.tables import encodings, frames, jsonl, parquet, sources, workbook
from promontory.tables.delimited import DelimitedReader, Dialect
from promontory.tables.sniff import sniff
from promontory.tables.sources import Source
from promontory.tables.table import Table

# Lines are joined as they come; one without an end must not fill the memory.
LONGEST_LINE = 64 << 20


def open_table(
    source: object,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    sheet: str | int | None = None,
    name: str = "",
) -> Table:
    """Open a file or data in memory as a `Table`.

    `source` is a path, bytes, an open binary file, a pandas, Polars or Arrow table, a NumPy array,
    a mapping of columns, or any iterable of answers, rows or mappings. What is not said is read off
    the content; what was decided stands in `Table.notes`. Raises `BadInput` with the remedy when
    the content is no table.
    """
    if isinstance(source, (str, os.PathLike)):
        found = sources.of_path(source)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        found = sources.of_bytes(bytes(source), name or "data")
    elif hasattr(source, "read") and hasattr(source, "seek"):
        found = sources.of_stream(cast(BinaryIO, source), name)
    else:
        return frames.table_of(source, name=name)
    head = found.head()
    kind = sources.kind_of(found, head)
    if kind == "xlsx":
        return workbook.table_of(found, sheet=sheet, header=header)
    if sheet is not None:
        raise BadInput(
            "Only workbooks have sheets.",
            remedy="Leave the sheet out.",
            place=Place(file=found.name),
        )
    if kind in ("parquet", "arrow"):
        return parquet.table_of(found, kind)
    if kind in ("jsonl", "json"):
        return jsonl.table_of(found, kind, encoding=encoding)
    return _text_table(found, head, encoding, delimiter, header)


def _text_table(
    source: Source,
    head: bytes,
    encoding: str | None,
    delimiter: str | None,
    header: bool | None,
) -> Table:
    found = encodings.detect(_spread(source, head) if encoding is None else head, encoding)
    text, whole = _decoded_head(found, head, whole=len(head) == source.size)
    if text.count("\x00") > 0.1 * len(text):
        raise BadInput(
            "The file is not text, nor a table in a format that is read here.",
            remedy="Give a CSV, XLSX, Parquet or JSONL file.",
            place=Place(file=source.name),
        )
    old_mac = "\n" not in text and "\r" in text
    if old_mac:
        text = text.replace("\r", "\n")
    try:
        dialect, notes = sniff(text, delimiter=delimiter, header=header, whole=whole)
    except BadInput as error:
        error.place = Place(file=source.name)
        raise
    if not found.is_utf8:
        notes.insert(0, f"Read as {found.name} ({found.why}).")
    table = Table(
        name=source.name,
        format="CSV" if dialect.delimiter != "\t" else "TSV",
        columns=dialect.names,
        reader=lambda columns: _stream(table, source, found, dialect, old_mac, columns),
        encoding=found.name,
        delimiter=dialect.delimiter,
        path=str(source.path or ""),
        rows_hint=_rows_hint(source.size, text, len(head)),
        bytes_hint=source.size,
        notes=notes,
    )
    return table


def _spread(source: Source, head: bytes) -> bytes:
    """The head and pieces from further on: a first accent may come late in a file."""
    if source.size is None or source.size <= len(head):
        return head
    pieces = [head[: head.rfind(b"\n") + 1] or head]
    with source.opener() as stream:
        for part in range(1, 9):
            stream.seek(source.size * part // 9)
            piece = stream.read(1 << 16)
            pieces.append(piece[piece.find(b"\n") + 1 : piece.rfind(b"\n") + 1])
    if encodings.is_wide(head):
        return head
    return b"".join(pieces)


def _decoded_head(found: encodings.Encoding, head: bytes, *, whole: bool) -> tuple[str, bool]:
    body = head[found.bom :]
    decoder = encodings.Decoder(found)
    if decoder.by_line and not whole:
        cut = max(body.rfind(b"\n"), body.rfind(b"\r")) + 1
        body = body[:cut] or body
    return decoder.utf8(body, final=whole).decode("utf-8", "replace"), whole


def _rows_hint(size: int | None, text: str, head: int) -> int | None:
    if size is None or not text:
        return None
    return max(1, round(text.count("\n") * size / max(head, 1)))


def _stream(
    table: Table,
    source: Source,
    found: encodings.Encoding,
    dialect: Dialect,
    old_mac: bool,
    columns: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    decoder = encodings.Decoder(found)
    reader = DelimitedReader(dialect, columns)
    progress = [0]
    table.bytes_read = lambda: progress[0]
    with source.opener() as stream:
        yield from reader.read(
            _utf8_blocks(stream, found, decoder, dialect, old_mac, progress, source.name)
        )
    for note in decoder.notes():
        table.note(note)
    if reader.mended:
        table.note(
            f"{reader.mended:,} rows hold quotation marks that are not doubled; their number of"
            " cells was right, so they were read."
        )


def _utf8_blocks(
    stream: BinaryIO,
    found: encodings.Encoding,
    decoder: encodings.Decoder,
    dialect: Dialect,
    old_mac: bool,
    progress: list[int],
    name: str,
) -> Iterator[bytes]:
    """UTF-8 blocks that end with a whole line, from the first row of data on."""
    stream.read(found.bom)
    skip = dialect.skip_bytes
    carry = b""
    for raw in sources.raw_blocks(stream):
        progress[0] += len(raw)
        block = raw.replace(b"\r", b"\n") if old_mac else raw
        if decoder.by_line:
            block = carry + block
            cut = block.rfind(b"\n") + 1
            whole, carry = block[:cut], block[cut:]
            whole = decoder.utf8(whole)
        else:
            block = carry + decoder.utf8(block)
            cut = block.rfind(b"\n") + 1
            whole, carry = block[:cut], block[cut:]
        if len(carry) > LONGEST_LINE:
            raise BadInput(
                f"A line is longer than {LONGEST_LINE >> 20} MB: this is no table of answers.",
                remedy="Export it again, one row a line.",
                place=Place(file=name),
            )
        if skip and whole:
            dropped = min(skip, len(whole))
            whole, skip = whole[dropped:], skip - dropped
        if whole:
            yield whole
    last = (
        decoder.utf8(carry, final=True)
        if decoder.by_line
        else carry + decoder.utf8(b"", final=True)
    )
    if last[skip:]:
        yield last[skip:] + b"\n"


def columns_named(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """These columns, if the table has them; else refuses and says which it has."""
    for name in names:
        if name not in table.columns:
            raise BadInput(
                f"There is no column “{name}”.",
                remedy=f"The columns are {_listed(table.columns)}.",
                place=Place(file=table.name),
            )
    return tuple(names)


def _listed(names: Sequence[Any], limit: int = 20) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "")
