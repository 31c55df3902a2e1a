"""Our reference inside an address or a Message-ID, where it survives whatever mailers do to it.

Some lower-case the part before the @, so the reference is written in base 32 hex (RFC 4648),
which has one case only.

    bounce+<reference>@example.org        the envelope sender: bounces come back with it (VERP)
    unsubscribe+<reference>@example.org   the other way to unsubscribe, by mail
    <pm.<reference>@example.org>          Message-ID, the same whenever that delivery is tried
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

LONGEST = 34
BOUNCE, UNSUBSCRIBE, MESSAGE = "bounce+", "unsubscribe+", "pm."
FOUND = re.compile(r"(bounce\+|unsubscribe\+|pm\.)([0-9a-v]+)@", re.IGNORECASE)


@lru_cache(maxsize=64)
def encode(reference: str) -> str:
    """Return a reference of at most 34 bytes in characters that any mailer leaves alone."""
    raw = reference.encode()
    if not 0 < len(raw) <= LONGEST:
        raise ValueError(f"a reference has 1 to {LONGEST} bytes, not {len(raw)}")
    return base64.b32hexencode(raw).decode().rstrip("=").lower()


def decode(written: str) -> str:
    """Return the reference that was written so, or an empty string if none was."""
    padded = written.upper() + "=" * (-len(written) % 8)
    try:
        return base64.b32hexdecode(padded).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def bounce_address(reference: str, domain: str) -> str:
    """Return the envelope sender of one delivery (variable envelope return path)."""
    return f"{BOUNCE}{encode(reference)}@{domain}"


def unsubscribe_address(reference: str, domain: str) -> str:
    """Return the address to which an empty mail unsubscribes."""
    return f"{UNSUBSCRIBE}{encode(reference)}@{domain}"


def message_id(reference: str, domain: str) -> str:
    """Return the Message-ID of one delivery."""
    return f"<{MESSAGE}{encode(reference)}@{domain}>"


def find(text: str, kind: str) -> str:
    """Return the first reference of that kind in a header or an address, or an empty string."""
    for found in FOUND.finditer(text):
        if found[1].lower() == kind and (reference := decode(found[2])):
            return reference
    return ""
