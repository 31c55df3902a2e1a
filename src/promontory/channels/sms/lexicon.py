"""The words by which a text message is read, from `lexicon.toml`, folded for comparison."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

_SPECIAL = str.maketrans(
    "łøđðþıæœأإآٱىيئكةک" + "’ʼ‘`´",
    "lodd" + "p" + "i" + "ao" + "اااا" + "ییی" + "ک" + "ه" + "ک" + "'" * 5,
)
_KEEPS_MARKS = ("DEVANAGARI", "BENGALI", "TAMIL", "THAI", "HIRAGANA", "KATAKANA", "HANGUL")
_NO_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "IDEOGRAPHIC")


@lru_cache(maxsize=4096)
def script_of(char: str) -> str:
    """The first word of a character's Unicode name, which is its script: LATIN, CJK, THAI …"""
    return unicodedata.name(char, "UNKNOWN").split(" ")[0].split("-")[0]


def writes_without_spaces(char: str) -> bool:
    """Whether the character's script puts no space between a number and what it counts."""
    return script_of(char) in _NO_SPACES


def fold(word: str) -> str:
    """The form in which words are compared: without case, accents and variants of a letter."""
    kept = []
    for char in unicodedata.normalize("NFKC", word).casefold():
        if script_of(char) in _KEEPS_MARKS or unicodedata.category(char) == "Mc":
            kept.append(char)
            continue
        parts = unicodedata.normalize("NFKD", char)
        kept.append("".join(part for part in parts if unicodedata.category(part) != "Mn"))
    return "".join(kept).translate(_SPECIAL).replace("\u200c", "").replace("\u0640", "")


@dataclass(frozen=True, slots=True)
class Words:
    """What one language (or several together) says around a score; every word is folded."""

    numbers: dict[str, int] = field(default_factory=dict)
    leads: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    of: frozenset[tuple[str, ...]] = frozenset()
    wishes: frozenset[str] = frozenset()
    contrasts: frozenset[str] = frozenset()

    def and_those_of(self, other: Words) -> Words:
        """The two vocabularies together; a word that is two numbers is none."""
        numbers = {**self.numbers, **other.numbers}
        for word in self.numbers.keys() & other.numbers.keys():
            if self.numbers[word] != other.numbers[word]:
                del numbers[word]
        return Words(
            numbers,
            self.leads | other.leads,
            self.fillers | other.fillers,
            self.openers | other.openers,
            self.joins | other.joins,
            self.units | other.units,
            self.points | other.points,
            self.names | other.names,
            self.of | other.of,
            self.wishes | other.wishes,
            self.contrasts | other.contrasts,
        )

    @property
    def connecting(self) -> frozenset[str]:
        """Words that join a score to the top of its scale, wherever they stand."""
        return frozenset(word for phrase in self.of for word in phrase)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word known, to cut a run of a script that writes without spaces."""
        return (
            self.leads | self.fillers | self.openers | self.units | self.points | self.names
        ) | frozenset(self.numbers)


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "lexicon.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    return {language: table for language, table in _read().items() if isinstance(table, dict)}


def languages() -> list[str]:
    """The languages whose number words are read."""
    return list(_tables())


@lru_cache(maxsize=128)
def words_of(language: str) -> Words:
    """The vocabulary of one language of the lexicon."""
    table = _tables()[language]
    shared = _tables()[table["same"]] if "same" in table else {}
    said = {**shared, **table}

    def folded(key: str) -> frozenset[str]:
        return frozenset(fold(word) for word in said.get(key, "").split())

    return Words(
        _numbers(said["numbers"]),
        folded("leads"),
        folded("fillers"),
        folded("openers") | folded("joins"),
        folded("joins"),
        folded("units"),
        folded("points"),
        folded("names"),
        frozenset(tuple(fold(w).split("_")) for w in said.get("of", "").split()) | {("/",)},
        folded("wishes"),
        folded("contrasts"),
    )


def _numbers(items: str) -> dict[str, int]:
    found = {}
    for value, alternatives in enumerate(items.split()):
        for word in alternatives.split("|"):
            if word != "-":
                found[fold(word.replace("_", " "))] = value
    return found


@lru_cache(maxsize=128)
def vocabulary(language: str) -> Words:
    """The words to read a message by: those of its language and English.

    Of an unknown language all words are read, except that number words are English: "on" is ten
    in Turkish only.
    """
    own = known_language(language)
    if own:
        return words_of(own).and_those_of(words_of("en")) if own != "en" else words_of("en")
    return _all()


@lru_cache(maxsize=1)
def _all() -> Words:
    together = Words()
    for language in languages():
        together = together.and_those_of(words_of(language))
    return replace(together, numbers=words_of("en").numbers)


def known_language(tag: str) -> str:
    """The lexicon's language for a tag ("de-AT" → "de", "zh-TW" → "zh-Hant"), or ""."""
    if not tag:
        return ""
    names = {name.casefold(): name for name in languages()}
    wanted = tag.replace("_", "-").casefold()
    aliases = {
        "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant",
        "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "pt": "pt-BR", "no": "nb", "nn": "nb",
        "tl": "fil", "iw": "he", "in": "id",
    }  # fmt: skip
    while wanted:
        if wanted in names:
            return names[wanted]
        if wanted in aliases:
            return aliases[wanted]
        wanted = wanted.rpartition("-")[0]
    return ""


@lru_cache(maxsize=1)
def anywhere() -> dict[str, int]:
    """Number words that mean one value only in all languages, for a message that is one word."""
    everyday = {fold(word) for word in _read()["everyday"].split()}
    meanings: dict[str, set[int]] = {}
    for language in languages():
        for word, value in words_of(language).numbers.items():
            meanings.setdefault(word, set()).add(value)
    return {
        word: values.pop()
        for word, values in meanings.items()
        if len(values) == 1 and word not in everyday
    }
