"""What the ledger keeps of an answer for ever, and what an erasure takes away.

`kept` alone must be enough to rebuild the warehouse after everybody was erased:

    r response · s survey · v version · a [[metric code, value], …] (−1: asked, not answered)
    d local day · ch channel · l language code · u unit · w base weight × 1,000,000 · g weight cell
    p person's cluster · ac account's cluster · m exclusion mask · st {declared dimension: code}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
"""The one JSON text of plain values, as it is encrypted, committed to and compared."""

UNIT_WEIGHT = 1_000_000
NOT_ANSWERED = -1


def kept(
    *,
    response: int,
    survey: int,
    version: int,
    answers: Sequence[Sequence[int]],
    day: int,
    channel: int = 0,
    language: int = 0,
    unit: int = 0,
    weight: int = UNIT_WEIGHT,
    cell: int = 0,
    person: int = 0,
    account: int = 0,
    mask: int = 0,
    stratum: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the words an ANSWER or CORRECTION entry keeps."""
    return {
        "a": answers,
        "ac": account,
        "ch": channel,
        "d": day,
        "g": cell,
        "l": language,
        "m": mask,
        "p": person,
        "r": response,
        "s": survey,
        "st": stratum or {},
        "u": unit,
        "v": version,
        "w": weight,
    }


def personal(
    *, contact: int | None, raw: str | None, verbatim: str | None, undeclared: str
) -> bytes:
    """Return the canonical bytes of what an erasure takes away, to be committed to.

    `undeclared` is the canonical JSON of the codes of undeclared dimensions.
    """
    return f"{contact or 0}\n{_digest(raw)}\n{_digest(verbatim)}\n{undeclared}".encode()


def _digest(text: str | None) -> str:
    return "" if text is None else blake2b(text.encode(), digest_size=16).hexdigest()


def source_key(key: bytes, survey: int, *parts: str) -> bytes:
    """Return the keyed 16 bytes that make recording the same answer again harmless."""
    words = "\0".join((str(survey), *parts))
    return blake2b(words.encode(), digest_size=16, key=key, person=b"source").digest()


def content_key(key: bytes, *parts: object) -> int:
    """Return the keyed 63-bit number under which the same content meets itself."""
    words = "\0".join(map(str, parts)).encode()
    digest = blake2b(words, digest_size=8, key=key, person=b"content").digest()
    return int.from_bytes(digest, "big") >> 1
