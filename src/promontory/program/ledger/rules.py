"""What an entry is, and what its hash commits to. Pure but for its random salts.

A digest covers everything of an entry that survives an erasure; the person column, which does not,
is left out, and personal values enter only as a commitment under the person's own key:

    digest_n = SHA-256(tag ‖ which fields are present ‖ id ‖ kind ‖ subject ‖ batch ‖ at in µs
                       ‖ local day ‖ SHA-256(salt ‖ kept) ‖ personal ‖ by)
    hash_n   = SHA-256(hash_{n-1} ‖ digest_n)
    hash_0   = SHA-256(tag ‖ installation id ‖ zone of its days)

All parts but the last have a fixed width, so no two entries share an encoding.
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import IntEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from promontory.errors import BadInput

ENTRY_TAG = b"promontory entry 1\0"
CHAIN_TAG = b"promontory chain 1\0"
SALT_BYTES = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)
_LAYOUT = struct.Struct(">Bqhqqqq32s32s")
_NOTHING = bytes(32)
_CLUSTER = re.compile(r'\{(?:[^{}]*,)?"p":([0-9]+)[,}]')
_ENCODER = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=True,
    allow_nan=False,
    check_circular=False,  # a third of the time; values nested in themselves end in RecursionError
)


class Kind(IntEnum):
    """What an entry records. Numbers are stored for ever: never renumber, only add."""

    ANSWER = 1
    CORRECTION = 2
    EXCLUSION = 3
    READMISSION = 4
    ERASURE = 5
    IMPORT_CLOSED = 6
    IMPORT_CANCELLED = 7
    AUDIT = 8
    PUBLICATION = 9


class NewEntry(NamedTuple):
    """What a context asks the ledger to keep.

    `kept` survives an erasure and so must hold nothing personal: score, survey, stratum, weight …;
    under "p" it holds the person's cluster (0 for nobody's), so that `verify` can tell whose it is.
    `personal` is the commitment (`vault.commitment`) to what an erasure takes away.
    A text is taken for what `canonical` makes of the values: bulk writers write it themselves.
    An entry with a `batch` becomes visible only when that import's IMPORT_CLOSED entry is sealed.
    """

    kind: Kind
    by: str
    kept: Mapping[str, Any] | str
    subject: int | None = None
    batch: int | None = None
    person: int | None = None
    local_day: int | None = None
    personal: bytes | None = None


class EntryRow(NamedTuple):
    """An entry as read; `position` is 0 while it is not sealed."""

    position: int
    id: int
    kind: int
    subject: int | None
    batch: int | None
    person: int | None
    at: datetime
    local_day: int | None
    kept: str
    salt: bytes
    personal: bytes | None
    by: str

    def values(self) -> dict[str, Any]:
        """Return what the entry keeps."""
        return dict(json.loads(self.kept))


class Prepared(NamedTuple):
    """An entry ready to be written: the columns of its row in order, then its digest."""

    id: int
    kind: int
    subject: int | None
    batch: int | None
    person: int | None
    at: datetime
    local_day: int | None
    kept: str
    salt: bytes
    personal: bytes | None
    by: str
    digest: bytes


PreparedRow = tuple[
    int, int, int | None, int | None, int | None, datetime, int | None, str, bytes, bytes | None,
    str, bytes,
]  # fmt: skip
"""The fields of `Prepared`, in order."""


def canonical(values: Mapping[str, Any]) -> str:
    """Return the one JSON text of these values: keys sorted, ASCII, no spaces, no NaN."""
    return _ENCODER.encode(values)


def cluster_of(kept: str) -> int:
    """Return the cluster of the person whose entry this is, 0 for nobody's.

    Only what stands before any nested object is looked at: "p" within one is something else.
    """
    found = _CLUSTER.match(kept)
    return int(found[1]) if found else 0


def microseconds(at: datetime) -> int:
    """Return the instant as whole microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND


def utc(at: datetime) -> datetime:
    """Return the instant in UTC; one without a zone is refused, for it names no instant."""
    if at.tzinfo is None:
        raise BadInput("An entry needs an instant with its time zone.", remedy="Pass an aware at=.")
    return at.astimezone(UTC)


def day_of(at: datetime, zone: tzinfo) -> int:
    """Return the local day of an instant, in days since 1970-01-01."""
    return at.astimezone(zone).toordinal() - _EPOCH_ORDINAL


def digest(
    id: int,
    kind: int,
    subject: int | None,
    batch: int | None,
    at_us: int,
    local_day: int | None,
    kept: str,
    salt: bytes,
    personal: bytes | None,
    by: str,
) -> bytes:
    """Return the 32 bytes that stand for an entry in the chain."""
    present = (
        (subject is not None)
        | (batch is not None) << 1
        | (local_day is not None) << 2
        | (personal is not None) << 3
    )
    fixed = _LAYOUT.pack(
        present,
        id,
        kind,
        subject or 0,
        batch or 0,
        at_us,
        local_day or 0,
        sha256(salt + kept.encode()).digest(),
        _NOTHING if personal is None else personal,
    )
    return sha256(ENTRY_TAG + fixed + by.encode()).digest()


def genesis(installation: UUID, zone: str) -> bytes:
    """Return the hash the chain of an installation starts from."""
    return sha256(CHAIN_TAG + installation.bytes + zone.encode()).digest()


def link(previous: bytes, digest: bytes) -> bytes:
    """Return the next hash of the chain."""
    return sha256(previous + digest).digest()


def chain(previous: bytes, digests: Iterable[bytes]) -> list[bytes]:
    """Return the hashes that follow `previous`, one for each digest."""
    hashes = []
    for each in digests:
        previous = sha256(previous + each).digest()
        hashes.append(previous)
    return hashes


def prepare(entries: Sequence[NewEntry], ids: Iterable[int], *, at: datetime) -> list[Prepared]:
    """Return rows ready for `actions.write_prepared`, one per entry, with these ids, in order.

    Needs no database and may run in another process. An entry that could not be verified later
    (a commitment of the wrong length, a missing actor) is refused here.
    """
    return [Prepared._make(row) for row in prepared_rows(entries, ids, at=at)]


def prepared_rows(
    entries: Sequence[NewEntry], ids: Iterable[int], *, at: datetime
) -> list[PreparedRow]:
    """Return the same as plain tuples: a class is found again by name for each row of a pickle."""
    at = utc(at)
    at_us = microseconds(at)
    salts = os.urandom(SALT_BYTES * len(entries))
    rows: list[PreparedRow] = []
    start = 0
    for (kind, by, kept, subject, batch, person, local_day, personal), id in zip(
        entries, ids, strict=True
    ):
        if not by or (personal is not None and len(personal) != 32):
            raise BadInput("An entry needs an actor (by=) and a commitment of 32 bytes or none.")
        number = int(kind)
        text = kept if isinstance(kept, str) else _ENCODER.encode(kept)
        salt = salts[start : start + SALT_BYTES]
        start += SALT_BYTES
        hash = digest(id, number, subject, batch, at_us, local_day, text, salt, personal, by)
        rows.append(
            (id, number, subject, batch, person, at, local_day, text, salt, personal, by, hash)
        )
    return rows
