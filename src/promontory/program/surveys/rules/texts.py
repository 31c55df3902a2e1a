"""The texts we ship: one file a language, with its script, registers and forms of the brand.

A text names the brand as `{brand}`, or in a grammatical form, `{brand:accusative}`. Each language
says how a form is made where the organisation gives none of its own: “firmę {brand}”. What leaves
this module for a survey knows `{brand}` alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

ENGLISH = "en"
DEFAULT = ""
"""The register that a language's texts are in unless another is asked for."""
INFORMAL = "informal"
FORM = "brand."
"""How the key of a form of the brand begins: `brand.accusative`."""
DIRECTIONS = {"Arab": "rtl", "Hebr": "rtl"}
"""The direction of scripts that run from right to left; all others run from left to right."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::([a-z]+))?\}")
_SAME = {
    "no": "nb",
    "nn": "nb",
    "tl": "fil",
    "iw": "he",
    "in": "id",
    "pt": "pt-PT",
    "zh": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
    "sr-cyrl": "sr",
}
"""Tags under which a language is known elsewhere, in small letters."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that we ship texts in; `lint` holds its words for the traps of wording."""

    code: str
    name: str
    own_name: str
    direction: str
    script: str
    registers: tuple[str, ...]
    brand_note: str
    date_format: str
    decimal: str
    digits: str
    texts: Mapping[str, str] = field(repr=False)
    informal: Mapping[str, str] = field(repr=False)
    lint: Mapping[str, tuple[str, ...]] = field(repr=False)
    reviewed_by: str = ""
    reviewed_on: date | None = None

    @property
    def has_registers(self) -> bool:
        """Whether it addresses people formally or informally, as one chooses."""
        return len(self.registers) > 1

    @property
    def is_reviewed(self) -> bool:
        """Whether what we ship in it has been reviewed by those who wrote it."""
        return self.reviewed_on is not None

    def register(self, wished: str) -> str:
        """Return under which register the texts of a wished one are kept."""
        return INFORMAL if wished == INFORMAL and self.has_registers else DEFAULT

    def shipped(self, key: str, register: str = DEFAULT) -> str | None:
        """Return the text we ship for a key; None if the language has none."""
        if register == INFORMAL and key in self.informal:
            return self.informal[key]
        return self.texts.get(key)

    def keeps(self, key: str, register: str) -> str:
        """Return the register that a key's text belongs to: many texts serve both."""
        return register if register == INFORMAL and key in self.informal else DEFAULT


@cache
def languages() -> Mapping[str, Language]:
    """Return every language we ship, English first, then by its English name."""
    folder = files("promontory.program.surveys") / "texts"
    found = [
        _read(each.name.removesuffix(".toml"), tomllib.loads(each.read_text(encoding="utf-8")))
        for each in folder.iterdir()
        if each.name.endswith(".toml")
    ]
    found.sort(key=lambda each: (each.code != ENGLISH, each.name))
    return MappingProxyType({each.code: each for each in found})


def _read(code: str, told: Mapping[str, Any]) -> Language:
    forms = {FORM + form: pattern for form, pattern in told.get("brand_forms", {}).items()}
    return Language(
        code=code,
        name=told["name"],
        own_name=told["own_name"],
        direction=told["direction"],
        script=told["script"],
        registers=tuple(told["registers"]),
        brand_note=told["brand_note"],
        date_format=told["date"],
        decimal=told["decimal"],
        digits=told.get("digits", "0123456789"),
        texts=MappingProxyType({**forms, **told["texts"]}),
        informal=MappingProxyType(told.get("informal", {})),
        lint=MappingProxyType({name: tuple(words) for name, words in told["lint"].items()}),
        reviewed_by=told.get("reviewed_by", ""),
        reviewed_on=told.get("reviewed_on"),
    )


@cache
def all_keys() -> tuple[str, ...]:
    """Return the keys that every language has, in the order in which they are read."""
    return tuple(languages()[ENGLISH].texts)


def keys_of(language: Language) -> tuple[str, ...]:
    """Return the keys of one language: those of every language, then its forms of the brand."""
    return all_keys() + tuple(key for key in language.texts if key.startswith(FORM))


def english(key: str) -> str:
    """Return what a key says in English; the brand itself for a form of the brand."""
    return languages()[ENGLISH].texts.get(key) or ("{brand}" if key.startswith(FORM) else "")


def nearest(tag: str) -> str | None:
    """Return the language we ship that comes closest to a tag (“de-AT” → de); None if none does."""
    known = {code.lower(): code for code in languages()}
    parts = tag.replace("_", "-").lower().split("-")
    while parts:
        wanted = "-".join(parts)
        if wanted in known:
            return known[wanted]
        if wanted in _SAME:
            return _SAME[wanted]
        parts.pop()
    return None


def placeholders(text: str) -> frozenset[str]:
    """Return the names that are filled in a text, without their grammatical forms."""
    return frozenset(name for name, _ in _PLACEHOLDER.findall(text))


def forms_used(text: str) -> frozenset[str]:
    """Return the grammatical forms of the brand that a text asks for."""
    return frozenset(form for _, form in _PLACEHOLDER.findall(text) if form)


def with_forms(text: str, forms: Mapping[str, str]) -> str:
    """Return a text with its forms of the brand written out, by {brand.accusative: firmę {brand}}.

    A form that nobody has given is the brand as it stands.
    """

    def written(match: re.Match[str]) -> str:
        name, form = match.groups()
        return forms.get(f"{name}.{form}", f"{{{name}}}") if form else match[0]

    return _PLACEHOLDER.sub(written, text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its names filled in, as in a preview; names without a value stay."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
