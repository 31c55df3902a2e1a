"""How a sender's settings are kept: encrypted as a whole, for this sender only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from promontory.program.ledger.vault import open_bytes, seal_bytes

_PERSON = b"senders"


def seal(values: Mapping[str, Any], *, master: bytes, key: str) -> bytes:
    """Return the settings of the sender of that key as they may be stored."""
    said = json.dumps(dict(values), ensure_ascii=False).encode()
    return seal_bytes(_own(master), said, _place(key))


def unseal(sealed: bytes | None, *, master: bytes, key: str) -> dict[str, Any]:
    """Return the settings that were sealed for the sender of that key; none for none."""
    if not sealed:
        return {}
    return dict(json.loads(open_bytes(_own(master), sealed, _place(key))))


def _own(master: bytes) -> bytes:
    return hashlib.blake2b(master, digest_size=32, person=_PERSON).digest()


def _place(key: str) -> bytes:
    return b"sender " + key.encode()
