"""A scalar rule applied to the distinct cells of a column: the rule stays in one place and the
column is judged at the speed of a dictionary look-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def as_array(column: object) -> pa.Array:
    """Any column (Arrow, NumPy, list) as one Arrow array; mixed Python values become text."""
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks()
    if isinstance(column, pa.Array):
        return column
    if hasattr(column, "__arrow_array__"):
        return pa.array(column)
    values = column if isinstance(column, (list, np.ndarray)) else list(column)  # type: ignore[call-overload]
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if v is None else str(v) for v in values], pa.string())


def judge(
    column: object, rule: Callable[[object], tuple[Any, ...]], fill: tuple[Any, ...]
) -> list[npt.NDArray[Any]]:
    """For each position of the rule's result, an array with that position for every cell.

    `fill` gives the value for null cells and, by its types, the arrays' dtypes.
    """
    array = as_array(column)
    if isinstance(array, pa.DictionaryArray):
        encoded = array
    else:
        if pa.types.is_null(array.type):
            array = array.cast(pa.string())
        encoded = pc.dictionary_encode(array)
    judged = [rule(value) for value in encoded.dictionary.to_pylist()]
    judged.append(fill)
    last = len(judged) - 1
    index = pc.fill_null(encoded.indices.cast(pa.int64()), last).to_numpy(zero_copy_only=False)
    tables = [
        np.array([row[place] for row in judged], dtype=np.asarray(fill[place]).dtype)
        for place in range(len(fill))
    ]
    return [table[index] for table in tables]
