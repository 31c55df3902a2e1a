"""The people of a frame, packed: ten million of them with their dispositions in a few hundred rows.

A slice is arrays in the order of contact ids, one after the other, compressed: the gaps between the
ids, a disposition each, a stratum each, and for those drawn the channel and the base weight. The
digest is taken before compression, which may differ from one library's version to the next.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.errors import Broken
from promontory.program.outreach.codes import Disposition

SLICE = 32_768
"""How many people a slice holds at most."""

DRAWN = int(Disposition.PLANNED)
"""The disposition in the frame of those drawn: theirs goes on in the invitation."""

_FORMAT = b"1"


@dataclass(frozen=True, eq=False, slots=True)
class People:
    """The people of a slice; `channel` and `weight` are of those drawn, in the same order."""

    ids: NDArray[np.int64]
    disposition: NDArray[np.uint8]
    stratum: NDArray[np.uint16]
    channel: NDArray[np.uint8]
    weight: NDArray[np.int64]

    @property
    def drawn(self) -> NDArray[np.bool_]:
        return np.asarray(self.disposition == DRAWN)


@dataclass(frozen=True, slots=True)
class Packed:
    """A slice as it is kept, and the hash of what is in it."""

    first: int
    last: int
    count: int
    data: bytes
    sha256: bytes


def pack(people: People) -> Packed:
    """Return a slice as it is kept; ids ascend and are not repeated."""
    gaps = np.diff(people.ids)
    if len(gaps) and gaps.min() <= 0:
        raise Broken("The people of a frame came twice, or out of order.")
    raw = b"".join(
        (
            gaps.astype("<u8").tobytes(),
            people.disposition.astype("<u1").tobytes(),
            people.stratum.astype("<u2").tobytes(),
            people.channel.astype("<u1").tobytes(),
            people.weight.astype("<i8").tobytes(),
        )
    )
    first, last = int(people.ids[0]), int(people.ids[-1])
    head = first.to_bytes(8, "big") + len(people.ids).to_bytes(4, "big")
    digest = hashlib.sha256(_FORMAT + head + raw).digest()
    return Packed(first, last, len(people.ids), _FORMAT + zlib.compress(raw, 1), digest)


def unpack(first: int, count: int, data: bytes) -> People:
    """Return the people of a kept slice."""
    if data[:1] != _FORMAT:
        raise Broken("A slice of a sampling frame is of a format that is not known here.")
    raw = zlib.decompress(data[1:])
    at = 8 * (count - 1)
    ids = np.cumsum(np.r_[first, np.frombuffer(raw[:at], "<u8").astype(np.int64)])
    disposition = np.frombuffer(raw[at : at + count], "<u1")
    at += count
    stratum = np.frombuffer(raw[at : at + 2 * count], "<u2")
    at += 2 * count
    drawn = int(np.count_nonzero(disposition == DRAWN))
    channel = np.frombuffer(raw[at : at + drawn], "<u1")
    weight = np.frombuffer(raw[at + drawn : at + 9 * drawn], "<i8")
    return People(ids, disposition, stratum, channel, weight)


def digest(slices: Iterable[bytes], *, seed: int, strata: Mapping[int, str]) -> bytes:
    """Return the hash over a frame: its slices in order, its seed, what its strata are."""
    whole = hashlib.sha256(f"{seed}\n".encode())
    for number, label in sorted(strata.items()):
        whole.update(f"{number} {label}\n".encode())
    for one in slices:
        whole.update(one)
    return whole.digest()


def counts(people: People) -> dict[int, int]:
    """Return how many of a slice have each disposition in the frame."""
    found = np.bincount(people.disposition, minlength=1)
    return {int(code): int(found[code]) for code in np.flatnonzero(found)}
