"""What the ledger keeps of answers, as the signed rows of the warehouse.

An answer adds a row for each of its questions. A correction, exclusion or readmission keeps what
stood before and what stands from now on: rows of the former are taken back, of the latter added.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from promontory.program.ledger.rules import Kind

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


def facts(
    entries: Sequence[tuple[int, int, str]], undeclared: Mapping[int, Mapping[str, int]]
) -> pa.RecordBatch:
    """Return the rows of these (position, kind, kept) entries.

    `undeclared` holds for responses the codes of undeclared dimensions, {dimension id: code}.
    """
    kept = json.loads("[" + ",".join(entry[2] for entry in entries) + "]")
    signed: list[tuple[int, int, Mapping[str, Any]]] = []
    for (position, kind, _), said in zip(entries, kept, strict=True):
        if kind == Kind.ANSWER:
            signed.append((position, 1, said))
        elif kind in CHANGES:
            signed.append((position, -1, said["old"]))
            signed.append((position, 1, said["new"]))
    return _batch(signed, undeclared)


def _batch(
    signed: Iterable[tuple[int, int, Mapping[str, Any]]],
    undeclared: Mapping[int, Mapping[str, int]],
) -> pa.RecordBatch:
    rows: list[tuple[Any, ...]] = []
    strata: list[Mapping[str, int]] = []
    names: set[str] = set()
    for position, sign, k in signed:
        stratum = k["st"]
        if (more := undeclared.get(k["r"])) is not None:
            stratum = {**more, **stratum}
        names.update(stratum)
        for metric, answer in k["a"]:
            rows.append(
                (position, sign, k["d"], k["r"], k["s"], metric, answer, k["ch"], k["l"], k["u"],
                 k["w"], k["g"], k["p"], k["ac"], k["m"])
            )  # fmt: skip
            strata.append(stratum)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_TYPES)
    arrays = [pa.array(c, kind) for c, kind in zip(columns, _TYPES.values(), strict=True)]
    fields = [pa.field(name, kind) for name, kind in _TYPES.items()]
    for name in sorted(names, key=int):
        arrays.append(pa.array([stratum.get(name, 0) for stratum in strata], pa.int32()))
        fields.append(pa.field(f"a{name}", pa.int32()))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
