"""How many segments a text message takes, and what makes it dear.

A segment has 140 octets. In the GSM alphabet that is 160 characters of 7 bits, in UCS-2 70 units of
16 bits; a message of several segments spends six octets of each on a header, which leaves 153 and
67. One character outside the GSM alphabet turns the whole message into UCS-2. A character is never
cut in two: neither an escape with what it escapes, nor the halves of a surrogate pair.

3GPP TS 23.038 (alphabet and extension table), TS 23.040 (concatenation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")
"""Characters of the GSM alphabet that take two places: an escape and themselves."""

REPLACEMENTS = {
    **dict.fromkeys("«»“”„‟″〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛ʼ′´`＇", "'"),
    **dict.fromkeys("‐‑‒–—―−－", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t", " "),
    **dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("•·", "-"),
    "…": "...",
    "‹": "<",
    "›": ">",
    "×": "x",
    "÷": "/",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "™": "TM",
    "®": "(R)",
    "©": "(C)",
    "ç": "c",
}
"""What may stand for a character without changing what is said, as providers replace them too."""


class Encoding(StrEnum):
    """The alphabet a message is sent in."""

    GSM = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Culprit:
    """A character that forces UCS-2; `instead` may replace it, None if nothing may."""

    char: str
    count: int
    instead: str | None


@dataclass(frozen=True, slots=True)
class Segments:
    """What sending the text takes."""

    count: int
    encoding: Encoding
    units: int
    """Characters of the alphabet: septets for GSM, 16-bit units for UCS-2."""
    per_segment: int
    left: int
    """Units free in the last segment."""
    culprits: tuple[Culprit, ...] = ()


def segments(text: str) -> Segments:
    """Return how many segments the text takes, in which alphabet, and why."""
    gsm = all(char in BASIC or char in EXTENSION for char in text)
    widths = [_width(char, gsm=gsm) for char in text]
    units = sum(widths)
    single, several = (160, 153) if gsm else (70, 67)
    encoding = Encoding.GSM if gsm else Encoding.UCS2
    if units <= single:
        count = 1 if text else 0
        return Segments(count, encoding, units, single, single - units, _culprits(text))
    count, used = _packed(widths, several)
    return Segments(count, encoding, units, several, several - used, _culprits(text))


def _width(char: str, *, gsm: bool) -> int:
    if gsm:
        return 2 if char in EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


def _packed(widths: Sequence[int], size: int) -> tuple[int, int]:
    """How many segments of `size` the characters fill, and how much of the last one."""
    count, used = 1, 0
    for width in widths:
        if used + width > size:
            count, used = count + 1, 0
        used += width
    return count, used


def _culprits(text: str) -> tuple[Culprit, ...]:
    foreign = dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION)
    return tuple(Culprit(c, text.count(c), REPLACEMENTS.get(c)) for c in foreign)


def cheaper(text: str) -> str:
    """The text with its replaceable characters replaced, where that makes it GSM; else as it is."""
    replaced = "".join(
        REPLACEMENTS.get(char, char) if char not in BASIC | EXTENSION else char for char in text
    )
    return replaced if segments(replaced).encoding is Encoding.GSM else text
