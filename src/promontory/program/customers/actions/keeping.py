"""The file an import came in, kept under a key of its own once the import is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from promontory.program.ledger.vault import NONCE_BYTES, open_bytes, seal_bytes

SEALED = ".sealed"
_BLOCK = 1 << 20
_TAG_BYTES = 16
_SEALED_BLOCK = _BLOCK + NONCE_BYTES + _TAG_BYTES


def seal_file(path: Path, key: bytes) -> str:
    """Write a sealed copy beside the file and return its name; the file itself stays."""
    sealed = path.with_name(path.name + SEALED)
    with path.open("rb") as plain, sealed.open("wb") as out:
        for number, block in enumerate(iter(lambda: plain.read(_BLOCK), b"")):
            out.write(seal_bytes(key, block, _place(number)))
        out.flush()
        os.fsync(out.fileno())
    return sealed.name


def opened_file(path: Path, key: bytes) -> Iterator[bytes]:
    """Yield the blocks of a sealed file as they were."""
    with path.open("rb") as sealed:
        for number, block in enumerate(iter(lambda: sealed.read(_SEALED_BLOCK), b"")):
            yield open_bytes(key, block, _place(number))


def _place(number: int) -> bytes:
    return b"contact file %d" % number
