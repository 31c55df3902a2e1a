"""The short secret in a link: which invitation it is for, and proof that we made it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_MAC = 8


def make(invitation: int, key: bytes, purpose: str = "answer") -> str:
    """Return the token of an invitation: at most 22 URL-safe characters, the same every time."""
    number = invitation.to_bytes(max(1, (invitation.bit_length() + 7) // 8), "big")
    made = base64.urlsafe_b64encode(_mac(number, key, purpose) + number)
    return made.decode().rstrip("=")


def read(token: str, key: bytes, purpose: str = "answer") -> int | None:
    """Return the invitation that a token was made for, None for one that is not ours."""
    if len(token) > 24:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    mac, number = raw[:_MAC], raw[_MAC:]
    if not number or (len(number) > 1 and number[0] == 0):
        return None
    if not hmac.compare_digest(mac, _mac(number, key, purpose)):
        return None
    # The last character carries bits that no byte needs: one spelling only, or a link had several.
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        return None
    return int.from_bytes(number, "big")


def _mac(number: bytes, key: bytes, purpose: str) -> bytes:
    # 64 bits: an online guess succeeds once in 10¹⁹, and the doors are rate-limited.
    digest = hashlib.blake2b(number, digest_size=_MAC, key=key[:64], person=purpose.encode()[:16])
    return digest.digest()
