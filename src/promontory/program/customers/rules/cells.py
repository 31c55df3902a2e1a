"""What one cell about a customer says: an address, a language, a zone, a yes or a no."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import available_timezones

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from promontory.program.customers.codes import BASES, HOLD_REASONS
from promontory.program.customers.rules.languages import LANGUAGES, NAMES
from promontory.program.customers.rules.reasons import Fault
from promontory.tables.values import InstantRule, instant
from promontory.tables.values.missing import folded
from promontory.tables.values.texts import CONTROL

LONGEST = {
    "customer": 200,
    "name": 300,
    "account": 200,
    "account_name": 300,
    "stake": 50,
    "household": 200,
    "note": 300,
}
LONGEST_LABEL = 300
_EMAIL = re.compile(
    r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]{1,64}@(?:[^\s@<>()\[\]\\,;:\"._-]"
    r"(?:[^\s@<>()\[\]\\,;:\"._]{0,62}[^\s@<>()\[\]\\,;:\"._-])?\.)+[^\s@<>()\[\]\\,;:\"._\d-]"
    r"[^\s@<>()\[\]\\,;:\"._]{1,62}"
)
_E164 = re.compile(r"\+[1-9]\d{7,14}")
_KINDS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number"),
    *("voip", "pager", "uan", "voicemail"),
)
_NOT_DIALLED = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?", re.IGNORECASE)
_YES = frozenset(
    {
        *("yes", "y", "true", "t", "1", "x", "on", "✓", "ja", "j", "oui", "o", "si", "s", "sim"),
        *("tak", "da", "igen", "evet", "ano", "kylla", "はい", "是"),
        *("opted-out", "opted-in", "unsubscribed", "subscribed"),
    }
)
_NO = frozenset(
    {
        *("no", "n", "false", "f", "0", "off", "nein", "non", "nao", "nie", "ne", "nem", "hayir"),
        *("nei", "nej", "ei", "いいえ", "否"),
    }
)


def text(cell: str, role: str) -> str:
    """Return a text as it is kept, or fault one that is too long."""
    if len(cell) > LONGEST.get(role, LONGEST_LABEL):
        raise Fault("too-long", cell)
    return cell


def email(cell: str) -> str:
    """Return an address with its spelling kept; two that differ in case are found as one."""
    plain = cell.removeprefix("mailto:").strip().strip("<>").strip()
    local, _, domain = plain.rpartition("@")
    if (
        len(plain) > 254
        or not _EMAIL.fullmatch(plain)
        or ".." in local
        or local[0] == "."
        or local[-1] == "."
        or not domain
    ):
        raise Fault("bad-email", cell)
    return plain


def phone(cell: str, region: str) -> str:
    """Return a telephone number with its country code (E.164).

    A national number is read by the rules of the region; without one it is at fault.
    """
    # The zero that is dialled at home only: +49 (0)151.
    plain = _NOT_DIALLED.sub("", cell.removeprefix("tel:").replace("(0)", ""))
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if _E164.fullmatch(plain) and _is_written_well(plain):
        return plain
    if not plain.startswith("+") and not region:
        raise Fault("national-phone" if plain.isdecimal() and len(plain) > 4 else "bad-phone", cell)
    try:
        number = phonenumbers.parse(plain if plain.startswith("+") else cell, region or None)
    except phonenumbers.NumberParseException:
        raise Fault("bad-phone", cell) from None
    if not phonenumbers.is_valid_number(number):
        raise Fault("bad-phone", cell)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_written_well(plain: str) -> bool:
    """Return whether a number with its country code is a valid one, as `phonenumbers` would say.

    The library takes 25 µs to find that out; its own patterns, put together once, take one.
    """
    for length in (1, 2, 3):
        pattern = _numbers_of(int(plain[1 : 1 + length]))
        if pattern is not None:
            return pattern.fullmatch(plain, 1 + length) is not None
    return False


@lru_cache(maxsize=512)
def _numbers_of(country: int) -> re.Pattern[str] | None:
    """Return what national numbers of a country code look like, None if there is no such code."""
    patterns = [
        desc.national_number_pattern
        for region in COUNTRY_CODE_TO_REGION_CODE.get(country, ())
        if (metadata := PhoneMetadata.metadata_for_region(region, None)) is not None
        for desc in (getattr(metadata, kind) for kind in _KINDS)
        if desc is not None and desc.national_number_pattern
    ]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


@lru_cache(maxsize=4_096)
def language(cell: str) -> str:
    """Return a language tag in its usual spelling: de, pt-BR, zh-Hant."""
    match = _TAG.fullmatch(cell)
    if match is None or match[1].lower() not in LANGUAGES:
        if (named := NAMES.get(folded(cell))) is not None:
            return named
        raise Fault("bad-language", cell)
    parts = [match[1].lower()]
    if match[2]:
        parts.append(match[2].title())
    if match[3]:
        parts.append(match[3].upper())
    return "-".join(parts)


@lru_cache(maxsize=4_096)
def zone(cell: str) -> str:
    """Return the name of a time zone."""
    found = _zones().get(cell.casefold().replace(" ", "_"))
    if found is None:
        raise Fault("bad-zone", cell)
    return found


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@lru_cache(maxsize=1_024)
def basis(cell: str) -> str:
    """Return the key of a lawful basis, named by its key or in words."""
    return _one_of(cell, BASES, "bad-basis")


@lru_cache(maxsize=1_024)
def hold_reason(cell: str) -> str:
    """Return the key of a reason for a hold, named by its key or in words."""
    return _one_of(cell, HOLD_REASONS, "bad-reason")


def _one_of(cell: str, known: dict[str, str], slug: str) -> str:
    plain = folded(cell).replace("_", " ").replace("-", " ").strip()
    for key, label in known.items():
        if plain in (key.replace("_", " "), folded(label)):
            return key
    raise Fault(slug, cell)


@lru_cache(maxsize=1_024)
def flag(cell: str) -> bool:
    """Return whether a cell says yes."""
    plain = folded(cell).replace(" ", "-").strip()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise Fault("bad-flag", cell)


@lru_cache(maxsize=65_536)
def moment(cell: str, rule: InstantRule) -> datetime:
    """Return the moment that a cell names; a bare day is its beginning by the file's clock."""
    found = instant(cell, rule)
    if found.at is None:
        raise Fault(found.verdict.slug, cell)
    return found.at


def clean(cell: str) -> str:
    """Return a text without control characters and outer blanks."""
    return CONTROL.sub("", cell).strip()
