"""JSON lines (and one JSON array of objects): a broken line costs its own row and no other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from promontory.errors import BadInput, Place
from promontory.tables import encodings
from promontory.tables.sources import Source
from promontory.tables.table import BrokenRow, Table, text_batch, unique_names
from promontory.tables.verdicts import Verdict

_SAMPLE_LINES = 10_000
_BATCH = 20_000
# An array has to be held whole; beyond this it is refused, for lines stream and arrays do not.
_LARGEST_ARRAY = 256 << 20


def table_of(source: Source, kind: str, *, encoding: str | None = None) -> Table:
    """The file as a table of text columns: every key seen in its first 10,000 objects."""
    found = encodings.detect(source.head(), encoding)
    if kind == "json" and (source.size or 0) > _LARGEST_ARRAY:
        raise BadInput(
            "The JSON array is too large to be held in memory.",
            remedy="Write one object a line (JSONL), which is streamed.",
            place=Place(file=source.name),
        )
    keys: dict[str, None] = {}
    rows = 0
    for _, item, _ in _objects(source, found, kind, limit=_SAMPLE_LINES):
        rows += 1
        if item is not None:
            keys.update(dict.fromkeys(item))
    if not keys:
        raise BadInput(
            "The file holds no JSON objects.", remedy=Verdict.NOT_JSON.remedy,
            place=Place(file=source.name),
        )  # fmt: skip
    columns, notes = unique_names(list(keys))
    table = Table(
        source.name,
        "JSONL" if kind == "jsonl" else "JSON",
        columns,
        lambda wanted: _batches(table, source, found, kind, tuple(keys), wanted),
        encoding=found.name,
        path=str(source.path or ""),
        rows_hint=rows if rows < _SAMPLE_LINES else None,
        bytes_hint=source.size,
        notes=notes,
    )
    return table


def _batches(
    table: Table,
    source: Source,
    found: encodings.Encoding,
    kind: str,
    keys: Sequence[str],
    wanted: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    names = tuple(table.columns if wanted is None else wanted)
    chosen = [keys[table.columns.index(name)] for name in names]
    known = frozenset(keys)
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    broken: list[BrokenRow] = []
    for number, item, raw in _objects(source, found, kind):
        if item is None:
            problem = Verdict.NOT_JSON if raw else Verdict.BLANK_ROW
            broken.append(BrokenRow(number, problem, raw))
        else:
            if not item.keys() <= known:
                late = next(key for key in item if key not in known)
                table.note(
                    f"Row {number:,} brings a new key “{late}”, which the first"
                    f" {_SAMPLE_LINES:,} rows do not have; it is not a column."
                )
            rows.append([item.get(key) for key in chosen])
            numbers.append(number)
        if len(rows) + len(broken) >= _BATCH:
            yield text_batch(rows, numbers, broken, names)
            rows, numbers, broken = [], [], []
    if rows or broken:
        yield text_batch(rows, numbers, broken, names)


def _objects(
    source: Source, found: encodings.Encoding, kind: str, limit: int | None = None
) -> Iterator[tuple[int, dict[str, str | None] | None, str]]:
    for number, (raw, parsed) in enumerate(_parsed(source, found, kind), start=1):
        if limit is not None and number > limit:
            return
        flat = flattened(parsed) if isinstance(parsed, dict) else None
        yield number, flat, raw


def _parsed(source: Source, found: encodings.Encoding, kind: str) -> Iterable[tuple[str, Any]]:
    if kind == "json":
        with source.opener() as stream:
            text = encodings.Decoder(found).utf8(stream.read()[found.bom :], final=True)
        try:
            items = json.loads(text, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise BadInput(
                f"The file is not valid JSON ({error}).", remedy="Export it again, or as JSONL.",
                place=Place(file=source.name),
            ) from error  # fmt: skip
        for item in items:
            yield json.dumps(item, ensure_ascii=False), item
        return
    decoder = encodings.Decoder(found)
    with source.opener() as stream:
        stream.read(found.bom)
        for line in _lines(stream, decoder):
            text_line = line.decode("utf-8", "replace").strip()
            if not text_line:
                yield "", None
                continue
            try:
                # Floats stay as they were written: 9.10 is not 9.1 to whoever wrote it.
                yield text_line, json.loads(text_line, parse_float=str)
            except (ValueError, RecursionError):
                yield text_line, None


def _lines(stream: Any, decoder: encodings.Decoder) -> Iterator[bytes]:
    if decoder.by_line:
        for line in stream:
            yield decoder.utf8(line)
        return
    carry = b""
    while block := stream.read(1 << 20):
        *whole, carry = (carry + decoder.utf8(block)).split(b"\n")
        yield from whole
    if carry:
        yield carry


def flattened(item: Mapping[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Nested objects as dotted columns; lists as their JSON text; everything as text."""
    flat: dict[str, str | None] = {}
    for key, value in item.items():
        if isinstance(value, Mapping):
            flat.update(flattened(value, f"{prefix}{key}."))
        elif value is None:
            flat[prefix + key] = None
        elif isinstance(value, str):
            flat[prefix + key] = value
        elif isinstance(value, bool):
            flat[prefix + key] = "true" if value else "false"
        elif isinstance(value, int):
            flat[prefix + key] = str(value)
        else:
            flat[prefix + key] = json.dumps(value, ensure_ascii=False)
    return flat
