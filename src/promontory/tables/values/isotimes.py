"""Instants written the one common way, read a column at a time.

What `instants.instant` says of a cell such as 2026-03-31T14:05:00+02:00 or 2026-03-31 14:05:00 is
computed here for a whole column at once; every other cell, and every doubtful one, is left to it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_SHAPE = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(Z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9])?$"
)
_DAY = 86_400
# Arrow knows no summer time after 2037; later instants are left to the rule for one cell.
_LAST = 2_114_380_800  # 2037-01-01


def iso_instants(
    texts: pa.Array, zone: str | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.bool_]] | None:
    """Return microseconds since 1970, local days, and which cells were read; None for none.

    `zone` is the IANA name of the clock of naive cells and of the local day, or None.
    """
    shaped = pc.fill_null(pc.match_substring_regex(texts, _SHAPE), False)
    read = shaped.to_numpy(zero_copy_only=False)
    if not read.any():
        return None
    cells = texts.filter(shaped)
    try:
        wall = pc.utf8_slice_codeunits(cells, 0, 19).cast(pa.timestamp("s"))
        zoned = pc.not_equal(pc.utf8_length(cells), 19)
        at, day = _with_offset(cells.filter(zoned), wall.filter(zoned), zone)
        naive = pc.invert(zoned)
        has_naive = pc.any(naive).as_py()
        if has_naive and zone is None:
            read[np.flatnonzero(read)[naive.to_numpy(zero_copy_only=False)]] = False
        elif has_naive:
            at_naive, day_naive = _placed(wall.filter(naive), str(zone))
            at, day = _merged(
                zoned.to_numpy(zero_copy_only=False), (at, day), (at_naive, day_naive)
            )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        # No such date, an hour that never was or was twice, an unknown zone: cell by cell, then.
        return None
    inside = (at >= 0) & (at < _LAST)
    read[np.flatnonzero(read)[~inside]] = False
    micros = np.zeros(len(texts), np.int64)
    days = np.zeros(len(texts), np.int32)
    micros[read], days[read] = at[inside] * 1_000_000, day[inside]
    return micros, days, read


def _with_offset(
    cells: pa.Array, wall: pa.Array, zone: str | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    clock = _seconds(wall)
    ends = pc.utf8_slice_codeunits(cells, 19, 25).to_numpy(zero_copy_only=False)
    names, index = np.unique(ends.astype(str), return_inverse=True)
    offsets = np.array([_offset(str(name)) for name in names], np.int64)[index]
    at = clock - offsets
    if zone is None:
        return at, clock // _DAY
    return at, _local(at, zone) // _DAY


def _placed(wall: pa.Array, zone: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if zone.upper() in ("UTC", "Z"):
        return _seconds(wall), _seconds(wall) // _DAY
    placed = pc.assume_timezone(wall, zone, ambiguous="raise", nonexistent="raise")
    return _seconds(placed), _seconds(wall) // _DAY


def _local(at: npt.NDArray[np.int64], zone: str) -> npt.NDArray[np.int64]:
    if zone.upper() in ("UTC", "Z"):
        return at
    return _seconds(pc.local_timestamp(pa.array(at, pa.timestamp("s", zone))))


def _merged(
    first: npt.NDArray[np.bool_],
    a: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    b: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    at, day = np.empty(len(first), np.int64), np.empty(len(first), np.int64)
    at[first], day[first] = a
    at[~first], day[~first] = b
    return at, day


def _seconds(stamps: pa.Array) -> npt.NDArray[np.int64]:
    seconds: npt.NDArray[np.int64] = stamps.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return seconds


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    seconds = int(text[1:3]) * 3600 + int(text[4:6]) * 60
    return seconds if text[0] == "+" else -seconds
