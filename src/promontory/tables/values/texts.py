"""Texts as people wrote them, made fit to be stored and shown."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from promontory.tables.values.distinct import as_array

# Tab and the line breaks are text; every other C0/C1 control character is damage (a database
# refuses NUL, a terminal obeys escape).
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_RE2 = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\x{80}|[\x{81}-\x{9f}]"


def text(cell: object) -> str | None:
    """The cell's text without control characters and outer blanks; None when nothing is left."""
    if cell is None:
        return None
    cleaned = CONTROL.sub("", str(cell)).strip()
    return cleaned or None


def texts(column: object) -> pa.Array:
    """`text` for a whole column: an Arrow string array, null where nothing is left."""
    array = as_array(column)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = array.cast(pa.string())
    damaged = pc.match_substring_regex(array, _CONTROL_RE2)
    if pc.any(damaged).as_py():
        array = pa.array([text(cell) for cell in array.to_pylist()], array.type)
    trimmed = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, array.type), trimmed)
