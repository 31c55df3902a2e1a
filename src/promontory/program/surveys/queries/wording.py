"""What we say in each language: the shipped texts, and the organisation's own before them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that nobody has reviewed."""

    language: str
    key: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every text in every language asked for, and which of them are drafts."""

    texts: dict[str, dict[str, str]]
    drafts: tuple[Draft, ...]


def snapshot(languages: Sequence[str], registers: Mapping[str, str]) -> Snapshot:
    """Return the texts as they are now; a language without texts of its own has none."""
    return Snapshot({}, ())


@dataclass(frozen=True, slots=True)
class Language:
    """A language that we have texts in."""

    code: str
    name: str
    own_name: str
    direction: str
    has_registers: bool


@cache
def languages() -> tuple[Language, ...]:
    """Return every language that there are texts in, English first, then by name."""
    found = []
    for file in sorted((Path(__file__).parents[1] / "texts").glob("*.toml")):
        told = tomllib.loads(file.read_text())
        registers = len(told.get("registers", ())) > 1
        found.append(
            Language(file.stem, told["name"], told["own_name"], told["direction"], registers)
        )
    return tuple(sorted(found, key=lambda each: (each.code != "en", each.name)))
