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

compact = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False
).encode
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


def kept_text(
    response: int,
    survey: int,
    version: int,
    answers: Sequence[tuple[int, int]],
    day: int,
    channel: int,
    language: int,
    unit: int,
    weight: int,
    person: int,
    account: int,
    stratum: str,
) -> str:
    """Return the canonical text of `kept`, in a third of the time; `stratum` is a JSON object."""
    values = ",".join([f"[{metric},{value}]" for metric, value in answers])
    return (
        f'{{"a":[{values}],"ac":{account},"ch":{channel},"d":{day},"g":0,"l":{language},"m":0,'
        f'"p":{person},"r":{response},"s":{survey},"st":{stratum},"u":{unit},"v":{version},'
        f'"w":{weight}}}'
    )


def personal(
    *, contact: int | None, raw: str | None, verbatim: str | None, undeclared: str
) -> bytes:
    """Return the canonical bytes of what an erasure takes away, to be committed to.

    `undeclared` is the canonical JSON of the codes of undeclared dimensions.
    """
    # Neither JSON text holds a line break, so no two sets of values share an encoding.
    words = "" if verbatim is None else f"={verbatim}"
    return f"{contact or 0}\n{raw or ''}\n{undeclared}\n{words}".encode()


def source_key(key: bytes, survey: int, *parts: str) -> bytes:
    """Return the keyed 16 bytes that make recording the same answer again harmless."""
    words = "\0".join((str(survey), *parts))
    return blake2b(words.encode(), digest_size=16, key=key, person=b"source").digest()


def content_key(
    key: bytes,
    survey: int,
    when: str,
    answers: Sequence[int],
    comment: str | None,
    who: bytes | None,
) -> int:
    """Return the keyed 63-bit number under which the same content meets itself.

    `when` is the instant as databases take it, `who` the most telling blind index of the person.
    """
    words = f"{survey}\0{when}\0{','.join(map(str, answers))}\0{comment or ''}\0".encode()
    digest = blake2b(words + (who or b""), digest_size=8, key=key, person=b"content").digest()
    return int.from_bytes(digest, "big") >> 1
