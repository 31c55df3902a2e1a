"""The columns of the facts: what each holds, in which unit, how wide.

A fact is a signed row: +1 when an answer begins to count, −1 when it ceases to. As of position p
an answer counts Σ sign over the rows with position ≤ p times. Everything is an integer, so that
every engine gives the same bits.

| column | type | holds |
|---|---|---|
| position | int64 | the sealed ledger position from which the row counts, ≥ 1 |
| sign | int8 | +1 or −1 |
| day | int32 | local day frozen in the entry, days since 1970-01-01 |
| month | int32 | of that day, months since 1970-01; derived here, never passed in |
| response | int64 | the response, > 0 |
| survey | int32 | the survey |
| metric | int16 | code of the question's metric |
| answer | int16 | the answer on the metric's scale; −1 when the question has no score |
| channel, language | int16 | dictionary codes, 0 unknown |
| unit | int32 | the organisation's unit, 0 none |
| d | int64 | base weight × 1,000,000 |
| g | int32 | weight cell, 0 none |
| person, account | int64 | random cluster ids, 0 unknown |
| mask | int32 | exclusion bits, 0 when the answer counts |
| a1, a2 … | int32 | one column per attribute, dictionary-coded, 0 missing |
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from promontory.errors import BadInput

UNIT_WEIGHT = 1_000_000
"""The scaled base weight of an answer that stands for itself."""

_REQUIRED = {
    "position": pa.int64(),
    "sign": pa.int8(),
    "day": pa.int32(),
    "response": pa.int64(),
    "survey": pa.int32(),
    "metric": pa.int16(),
    "answer": pa.int16(),
}
_DEFAULTED = {
    "channel": (pa.int16(), 0),
    "language": (pa.int16(), 0),
    "unit": (pa.int32(), 0),
    "d": (pa.int64(), UNIT_WEIGHT),
    "g": (pa.int32(), 0),
    "person": (pa.int64(), 0),
    "account": (pa.int64(), 0),
    "mask": (pa.int32(), 0),
}
_ATTRIBUTE = re.compile(r"a[1-9][0-9]*\Z")

COLUMNS: dict[str, pa.DataType] = {
    "position": pa.int64(),
    "sign": pa.int8(),
    "day": pa.int32(),
    "month": pa.int32(),
    **{name: kind for name, kind in _REQUIRED.items() if name not in ("position", "sign", "day")},
    **{name: kind for name, (kind, _) in _DEFAULTED.items()},
}
"""The columns every file has, in order."""


def attribute(dimension: int) -> str:
    """Return the column that holds the dimension with this id."""
    return f"a{dimension}"


def is_attribute(column: str) -> bool:
    """Say whether a column holds an attribute."""
    return _ATTRIBUTE.match(column) is not None


def column_type(column: str) -> pa.DataType:
    """Return the declared type of a column, or refuse one that facts do not have."""
    if is_attribute(column):
        return pa.int32()
    try:
        return COLUMNS[column]
    except KeyError:
        raise BadInput(
            f"Facts have no column “{column}”.",
            remedy=f"They have {', '.join(COLUMNS)} and an a<dimension> per attribute.",
        ) from None


def facts_schema(attributes: Iterable[str] = ()) -> pa.Schema:
    """Return the declared Arrow schema, with these attribute columns at its end."""
    ordered = sorted(attributes, key=lambda column: int(column[1:]))
    names = [*COLUMNS, *ordered]
    return pa.schema([pa.field(name, column_type(name), nullable=False) for name in names])


def months_of(days: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the month (since 1970-01) of each day (since 1970-01-01)."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)


def first_day(month: int) -> int:
    """Return the first day (since 1970-01-01) of a month (since 1970-01)."""
    return int(np.datetime64(month, "M").astype("datetime64[D]").astype(np.int64))


def conform(batch: pa.RecordBatch) -> pa.Table:
    """Return the batch in the declared schema, with its months; refuse what does not fit it."""
    given = {name: batch.column(index) for index, name in enumerate(batch.schema.names)}
    missing = sorted(_REQUIRED.keys() - given.keys())
    if missing:
        raise BadInput(f"These facts lack the column {', '.join(missing)}.")
    given["month"] = pa.array(months_of(_cast(given, "day").to_numpy(zero_copy_only=False)))
    for name, (kind, value) in _DEFAULTED.items():
        if name not in given:
            given[name] = pa.repeat(pa.scalar(value, kind), batch.num_rows)
    schema = facts_schema(name for name in given if name not in COLUMNS and column_type(name))
    table = pa.table([_cast(given, name) for name in schema.names], schema=schema)
    _check(table)
    return table


def _cast(given: dict[str, pa.Array], name: str) -> pa.Array:
    try:
        cast = given[name].cast(column_type(name))
    except pa.ArrowInvalid as error:
        raise BadInput(f"The facts' column {name} does not fit its type: {error}.") from error
    if cast.null_count:
        raise BadInput(f"The facts' column {name} has empty cells; missing is coded 0.")
    return cast


def _check(table: pa.Table) -> None:
    if table.num_rows == 0:
        return
    if not pc.all(pc.equal(pc.abs(table["sign"]), 1)).as_py():
        raise BadInput("A fact's sign is +1 or −1.")
    if pc.min(table["day"]).as_py() < 0:
        raise BadInput("A fact has a day before 1970-01-01.")
    if pc.min(table["position"]).as_py() < 1 or pc.min(table["response"]).as_py() < 1:
        raise BadInput("A fact's position and response are 1 or more.")
