"""Per-person keys: what is encrypted or committed to under one is gone when it is deleted.

data key     32 random bytes a person, stored wrapped (AES-256-GCM) by the master key
ciphertext   nonce ‖ AES-256-GCM under the data key; `aad` binds it to its place
commitment   HMAC-SHA-256 under SHA-256(tag ‖ data key), so that it cannot be guessed
"""

from __future__ import annotations

import os
from hashlib import sha256
from hmac import digest as hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from promontory.errors import Broken

NONCE_BYTES = 12
KEY_BYTES = 32
_WRAP_TAG = b"promontory person key 1\0"
_COMMIT_TAG = b"promontory commitment 1\0"
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Vault:
    """Wraps the keys of people with one master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise Broken("The master key must have 32 bytes; restore secrets.json from a backup.")
        self._master = AESGCM(master)

    def new_key(self) -> bytes:
        """Return a fresh data key."""
        return os.urandom(KEY_BYTES)

    def wrap(self, person_id: int, key: bytes) -> bytes:
        """Return the data key as it may be stored; it opens for this person only."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, key, _place(person_id))

    def unwrap(self, person_id: int, wrapped: bytes) -> bytes:
        """Return the data key of a person."""
        try:
            return self._master.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _place(person_id)
            )
        except InvalidTag:
            raise Broken(
                f"The key of person {person_id} does not open with this installation's master key; "
                "secrets.json and the keys database are not of the same installation."
            ) from None


def seal_bytes(person_key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt for one person; `aad` names the place (table, row) and must be given to open it."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(person_key).encrypt(nonce, plaintext, aad)


def open_bytes(person_key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Decrypt what `seal_bytes` returned for the same person and place."""
    try:
        return AESGCM(person_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except InvalidTag:
        raise Broken(
            "An encrypted value does not open: it was altered, moved, or belongs to another person."
        ) from None


def commitment(person_key: bytes, canonical: bytes) -> bytes:
    """Return 32 bytes that commit to personal values and say nothing without the person's key."""
    return hmac(sha256(_COMMIT_TAG + person_key).digest(), canonical, "sha256")


class Sealer:
    """Encrypts and commits for one person many times over, as `seal_bytes` and `commitment` do.

    A million rows of a hundred thousand people cannot afford to set up each cipher anew.
    """

    __slots__ = ("_cipher", "_inner", "_outer")

    def __init__(self, person_key: bytes) -> None:
        self._cipher = AESGCM(person_key)
        padded = sha256(_COMMIT_TAG + person_key).digest().ljust(64, b"\0")
        self._inner = sha256(padded.translate(_INNER))
        self._outer = sha256(padded.translate(_OUTER))

    def seal(self, plaintext: bytes, aad: bytes, nonce: bytes) -> bytes:
        """Encrypt; the nonce is 12 random bytes never used before."""
        return nonce + self._cipher.encrypt(nonce, plaintext, aad)

    def commitment(self, canonical: bytes) -> bytes:
        """Return the 32 bytes that `commitment` returns."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(canonical)
        outer.update(inner.digest())
        return outer.digest()


def _place(person_id: int) -> bytes:
    return _WRAP_TAG + person_id.to_bytes(8, "big", signed=True)
