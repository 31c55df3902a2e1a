"""Signed statements of what the chain was: made by the installation, checked by anybody.

An anchor is a JSON document. Kept where the installation cannot reach it (a mail, a printed
certificate, another company's disk), it proves later what the chain was at that position.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from promontory.errors import BadInput
from promontory.program.ledger.rules import canonical

_TAG = b"promontory head 1\0"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One signed head; bytes are written in hexadecimal."""

    installation: str
    position: int
    hash: str
    at: str
    public_key: str
    signature: str

    def document(self) -> str:
        """Return the anchor as the one line of JSON that is kept and sent."""
        return canonical(asdict(self))

    def is_genuine(self) -> bool:
        """Say whether the signature is that of the public key the anchor names."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), _signed(self))
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed(anchor: Anchor) -> bytes:
    fields = asdict(anchor)
    del fields["signature"]
    return _TAG + canonical(fields).encode()


def sign(key: bytes, *, installation: str, position: int, hash: bytes, at: datetime) -> Anchor:
    """Return the signed statement that the chain had this hash at this position."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    public = private.public_key().public_bytes_raw().hex()
    unsigned = Anchor(
        installation, position, hash.hex(), at.astimezone(UTC).isoformat(), public, ""
    )
    signature = private.sign(_signed(unsigned)).hex()
    return Anchor(**asdict(unsigned) | {"signature": signature})


def public_key(key: bytes) -> bytes:
    """Return the public half of a signing key."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def parse(document: str | Mapping[str, object]) -> Anchor:
    """Return the anchor in this document, or refuse with what is wrong."""
    try:
        fields = json.loads(document) if isinstance(document, str) else dict(document)
        anchor = Anchor(**fields)
    except (ValueError, TypeError):
        raise BadInput(
            "This is not an anchor.",
            remedy="Give one line of heads.jsonl, or the document a certificate names.",
        ) from None
    texts = (anchor.installation, anchor.hash, anchor.at, anchor.public_key, anchor.signature)
    if not isinstance(anchor.position, int) or not all(isinstance(text, str) for text in texts):
        raise BadInput("This anchor's fields are not of the kinds an anchor has.")
    return anchor


def append_line(path: Path, line: str) -> None:
    """Add a line to a file that must survive a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a line that a power cut left half written
                file.write(b"\n")
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def last_line(path: Path) -> str:
    """Return the last line of such a file; empty where there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 4096))
        found = file.read().decode(errors="replace").split("\n")
    return found[-2] if len(found) > 1 else ""


def lines(path: Path) -> Iterator[str]:
    """Yield the whole lines of such a file; none where there is no file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.endswith("\n") and line.strip():
                yield line.rstrip("\n")
