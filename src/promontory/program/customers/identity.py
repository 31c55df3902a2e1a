"""How people are recognised: identifiers made comparable, and the keyed hash that finds them.

Shared with the contexts above and with processes that know no Django.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

IDENTIFIERS = ("customer", "email", "phone")
"""What identifies a contact, the most telling first."""

_NOT_DIALLED = re.compile(r"[^\d+]")


def normalised(kind: str, value: str) -> str:
    """Return an identifier as it is compared; "" when nothing is left of it."""
    plain = (value if value.isascii() else unicodedata.normalize("NFKC", value)).strip()
    if kind == "email":
        return plain.casefold() if "@" in plain else ""
    if kind == "phone":
        dialled = _NOT_DIALLED.sub("", plain)
        dialled = "+" + dialled[2:] if dialled.startswith("00") else dialled
        return dialled if len(dialled) >= 6 else ""
    return plain


def blind_index(kind: str, value: str, key: bytes) -> bytes | None:
    """Return the 16 bytes by which an identifier is found again, or None for an empty one.

    Keyed, so that nobody without the installation's key can try out addresses.
    """
    plain = normalised(kind, value)
    if not plain:
        return None
    return hashlib.blake2b(
        plain.encode(), digest_size=16, key=key[:64], person=kind.encode()
    ).digest()
