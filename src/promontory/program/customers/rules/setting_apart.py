"""Rows set apart: encrypted, and found again by whoever they name when that person is erased."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.customers.rules.packing import Slice
from promontory.program.customers.rules.reasons import Reason
from promontory.program.ledger.vault import seal_bytes

_ADDRESS = re.compile(r"[^\s@,;<>\"'|]+@[^\s@,;<>\"'|]+")
_MOST_INDEXES = 24


class SettingApart:
    """Puts rows apart for one import, under its keeper's key."""

    def __init__(self, source: int, key: bytes, index_key: bytes) -> None:
        self._source = source
        self._key = key
        self._index_key = index_key

    def put(
        self,
        number: int,
        cells: Sequence[str | None],
        reasons: Sequence[Reason],
        *,
        into: Slice,
    ) -> None:
        """Put a row apart and count its reasons."""
        for slug in {reason.slug for reason in reasons}:
            into.count(f"reason: {slug}")
        raw = json.dumps(list(cells), ensure_ascii=False).encode()
        sealed = seal_bytes(self._key, raw, b"rejected contact %d" % number)
        # What stood in the cell is in the sealed row; beside it, it would outlive an erasure.
        said = json.dumps([[reason.slug, reason.column, ""] for reason in reasons])
        into.rejected.append((self._source, number, said, sealed))
        into.identifiers += [
            (self._source, number, index) for index in sorted(self._indexes(cells))
        ]

    def _indexes(self, cells: Sequence[str | None]) -> set[bytes]:
        """Return the blind index of whatever in a row may identify somebody."""
        found: set[bytes] = set()
        for cell in cells:
            if not cell:
                continue
            for kind in IDENTIFIERS:
                texts = _ADDRESS.findall(cell) if kind == "email" else [cell]
                if kind == "phone" and sum(ch.isdigit() for ch in cell) < 6:
                    continue
                for text in texts:
                    index = blind_index(kind, text[:320], self._index_key)
                    if index is not None and len(found) < _MOST_INDEXES:
                        found.add(index)
        return found
