"""What the ledger keeps of answers, as the signed rows of the warehouse.

An answer adds a row for each of its questions. A correction, exclusion or readmission keeps what
stood before and what stands from now on: rows of the former are taken back, of the latter added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.json import ReadOptions, read_json

from promontory.program.ledger.rules import Kind, canonical

CHANGES = frozenset({int(Kind.CORRECTION), int(Kind.EXCLUSION), int(Kind.READMISSION)})
"""Kinds of entries that keep {"old": …, "new": …}."""

ABOUT_ANSWERS = CHANGES | {int(Kind.ANSWER)}
"""Kinds of entries that make facts."""

_TYPES = {
    "position": pa.int64(),
    "sign": pa.int8(),
    "day": pa.int32(),
    "response": pa.int64(),
    "survey": pa.int32(),
    "metric": pa.int16(),
    "answer": pa.int16(),
    "channel": pa.int16(),
    "language": pa.int16(),
    "unit": pa.int32(),
    "d": pa.int64(),
    "g": pa.int32(),
    "person": pa.int64(),
    "account": pa.int64(),
    "mask": pa.int32(),
}


_WORDS = {"day": "d", "response": "r", "survey": "s", "channel": "ch", "language": "l", "unit": "u",
          "d": "w", "g": "g", "person": "p", "account": "ac", "mask": "m"}  # fmt: skip
"""Under which word of what is kept a column of the warehouse stands."""

_WORDS_ALONE = '{"a":[],'
"""How what is kept of a response begins that has no answer but words: it makes no fact."""


def facts(entries: Sequence[tuple[int, int, str]], undeclared: Mapping[int, str]) -> pa.RecordBatch:
    """Return the rows of these (position, kind, kept) entries.

    `undeclared` holds for responses the codes of undeclared dimensions, as JSON of {id: code}.
    """
    positions: list[int] = []
    signs: list[int] = []
    texts: list[str] = []
    for position, kind, kept in entries:
        if kind == Kind.ANSWER:
            signed = [(1, kept)]
        elif kind in CHANGES:
            said = json.loads(kept)
            signed = [(-1, canonical(said["old"])), (1, canonical(said["new"]))]
        else:
            continue
        for sign, text in signed:
            if not text.startswith(_WORDS_ALONE):
                positions.append(position)
                signs.append(sign)
                texts.append(text)
    return _batch(positions, signs, texts, undeclared)


def _batch(
    positions: list[int], signs: list[int], texts: list[str], undeclared: Mapping[int, str]
) -> pa.RecordBatch:
    if not texts:
        return pa.RecordBatch.from_pylist([], schema=pa.schema(_TYPES))
    kept = _parsed(texts)
    # Each entry as often as it has answers.
    asked = kept["a"].combine_chunks()
    entry = pc.list_parent_indices(asked)
    pairs = pc.list_flatten(asked, recursive=True).cast(pa.int64()).to_numpy().reshape(-1, 2)
    found = {
        "position": pa.array(positions).take(entry),
        "sign": pa.array(signs).take(entry),
        "metric": pa.array(pairs[:, 0]),
        "answer": pa.array(pairs[:, 1]),
        **{name: kept[word].combine_chunks().take(entry) for name, word in _WORDS.items()},
    }
    arrays = [found[name].cast(kind) for name, kind in _TYPES.items()]
    fields = [pa.field(name, kind) for name, kind in _TYPES.items()]
    strata = _codes(kept, undeclared)
    for name in sorted(strata, key=int):
        arrays.append(pc.fill_null(strata[name], 0).take(entry).cast(pa.int32()))
        fields.append(pa.field(f"a{name}", pa.int32()))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _codes(kept: pa.Table, undeclared: Mapping[int, str]) -> dict[str, pa.Array]:
    """Return the codes of each dimension, an entry's own before those of its response now."""
    stratum = kept["st"].combine_chunks()
    found = {field.name: stratum.field(field.name) for field in stratum.type}
    if undeclared:
        more = _parsed([undeclared.get(pk, "{}") for pk in kept["r"].to_pylist()])
        for name in more.column_names:
            codes = more[name].combine_chunks()
            found[name] = pc.coalesce(found[name], codes) if name in found else codes
    return found


def _parsed(objects: Sequence[str]) -> pa.Table:
    """Return JSON objects as a table: a row for each, in order, a column for each word."""
    lines = "\n".join(objects).encode()
    # In one block, so that all rows share the columns found.
    options = ReadOptions(use_threads=False, block_size=len(lines) + 1)
    return read_json(pa.BufferReader(lines), read_options=options)
