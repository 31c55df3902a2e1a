"""Whether an address can be written to, and if not, why: in a sentence for who typed it."""

from __future__ import annotations

import re
from ipaddress import ip_address

from promontory.errors import BadInput

LOCAL = re.compile(r"[^\s()<>\[\]:;@\\,\"\x00-\x1f\x7f]+")
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)
HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
LONGEST, LONGEST_LOCAL = 254, 64


def validate_address(address: str) -> str:
    """Return an address as it should be stored, or refuse it with the reason.

    The domain comes back in lower case and ASCII (`müller.example` as `xn--mller-kva.example`);
    the part before the @ stays as it is, for its case is the other side's to judge (RFC 5321).
    """
    text = HIDDEN.sub("", address).strip()
    if not text:
        raise BadInput("The e-mail address is empty.")
    if "@" not in text:
        raise _wrong(text, "has no @")
    local, _, domain = text.rpartition("@")
    reason = _local_fault(local)
    ascii_domain = "" if reason else _ascii(domain, text)
    reason = reason or _domain_fault(ascii_domain)
    if reason:
        raise _wrong(text, reason)
    if len(local.encode()) + 1 + len(ascii_domain) > LONGEST:
        raise _wrong(text, f"is longer than {LONGEST} characters")
    return f"{local}@{ascii_domain}"


def needs_utf8(address: str) -> bool:
    """Whether only servers that speak SMTPUTF8 (RFC 6531) can take this address."""
    return not address.isascii()


def _wrong(address: str, reason: str) -> BadInput:
    shown = address if len(address) <= 80 else address[:79] + "…"
    return BadInput(f"“{shown}” is not an e-mail address: it {reason}.")


def _local_fault(local: str) -> str:
    if not local:
        return "has nothing before the @"
    if "@" in local:
        return "has more than one @"
    if len(local.encode()) > LONGEST_LOCAL:
        return f"has more than {LONGEST_LOCAL} characters before the @"
    if not LOCAL.fullmatch(local):
        return "has a space or a character before the @ that cannot stand there"
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "has a dot too many before the @"
    return ""


def _ascii(domain: str, address: str) -> str:
    name = domain.strip().rstrip(".").lower()
    if name.isascii():
        return name
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise _wrong(address, "has a domain that cannot exist") from None


def _domain_fault(domain: str) -> str:
    if not domain:
        return "has nothing after the @"
    if domain.startswith("["):
        return "names a machine by its number instead of a domain"
    if "." not in domain:
        return "has a domain without a dot"
    if ".." in domain:
        return "has two dots in a row after the @"
    if _is_number(domain):
        return "names a machine by its number instead of a domain"
    if not all(LABEL.fullmatch(label) for label in domain.split(".")):
        return "has a character after the @ that cannot stand there"
    if domain.rsplit(".", 1)[1].isdecimal():
        return "has a domain that ends in a number"
    return ""


def _is_number(domain: str) -> bool:
    try:
        ip_address(domain)
    except ValueError:
        return False
    return True
