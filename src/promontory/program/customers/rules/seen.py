"""Which identifiers an earlier row of the same file had: 16 bytes each, however long the file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_Run = tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]


class Seen:
    """Remembers keys with the row that had each first, in sorted runs that merge as they grow.

    A key is the first 8 bytes of a keyed hash: among 10 million the chance that any two meet is
    one in 370,000.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def rows_of(self, indexes: Sequence[bytes | None]) -> list[int]:
        """Return the row that had each of these first; 0 for none."""
        if not self._runs:
            return [0] * len(indexes)
        keys = _keys(indexes)
        found = np.zeros(len(keys), np.int64)
        for known, rows in self._runs:
            at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            hit = (known[at] == keys) & (keys != 0)
            found = np.where(hit & ((found == 0) | (rows[at] < found)), rows[at], found)
        return [int(row) for row in found]

    def add(self, indexes: Sequence[bytes | None], rows: Sequence[int]) -> None:
        """Remember these with their rows, which come after all that were added before."""
        keys = _keys(indexes)
        there = keys != 0
        if not there.any():
            return
        keys, numbers = keys[there], np.asarray(rows, np.int64)[there]
        self._runs.append(_sorted(keys, numbers))
        while len(self._runs) > 1 and len(self._runs[-2][0]) <= 2 * len(self._runs[-1][0]):
            (later, later_rows), (early, early_rows) = self._runs.pop(), self._runs.pop()
            merged = np.concatenate([early, later]), np.concatenate([early_rows, later_rows])
            self._runs.append(_sorted(*merged))


def _sorted(keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int64]) -> _Run:
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    first = np.ones(len(keys), bool)
    first[1:] = keys[1:] != keys[:-1]
    return keys[first], rows[first]


def _keys(indexes: Sequence[bytes | None]) -> npt.NDArray[np.uint64]:
    packed = b"".join(bytes(8) if index is None else index[:8] for index in indexes)
    return np.frombuffer(packed, np.uint64)
