"""Texts with slots: compiled once, filled for every mail by joining strings.

A slot is written `{name}` in a text. While HTML is being compiled it is a pair of characters from
the Unicode private use area, which no compiler touches and nobody types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

PLACE = re.compile(r"\{([a-z_]+)\}")
OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}([a-z_]+){CLOSE}")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ue000\ue001]+")


def mark(text: str) -> str:
    """Return a text safe to stand in HTML, its slots marked."""
    cleaned = text.replace(OPEN, "").replace(CLOSE, "")
    return PLACE.sub(rf"{OPEN}\1{CLOSE}", escape(cleaned))


def slot(name: str) -> str:
    """Return the mark of one slot."""
    return f"{OPEN}{name}{CLOSE}"


def one_line(value: str) -> str:
    """Return a value without line breaks and control characters, fit for a header."""
    return CONTROL.sub(" ", value).strip()


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text cut at its slots: odd entries are slot names."""

    cut: tuple[str, ...]

    @classmethod
    def of_text(cls, text: str) -> Pieces:
        return cls(tuple(PLACE.split(text)))

    @classmethod
    def of_html(cls, html: str) -> Pieces:
        return cls(tuple(MARK.split(html)))

    @property
    def slots(self) -> frozenset[str]:
        return frozenset(self.cut[1::2])

    def fill(self, values: Mapping[str, str]) -> str:
        parts = list(self.cut)
        parts[1::2] = [values[name] for name in parts[1::2]]
        return "".join(parts)
