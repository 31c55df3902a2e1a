"""STOP, HELP and START words in every language, each with its source in `keywords.toml`.

A message is taken for STOP if, without case, accents and punctuation,

1. it is a stop word, with at most soft words and a number around a strong one ("please stop
   texting me", "0 STOP"), at most a "please" around a weak one ("cancel please"; "cancel my
   order" is none),
2. it is short (four words at most, no number) and begins with a strong word ("STOP wasting my
   time"), or
3. one of its clauses is a strong word, with at most soft words around it ("2. Stop").

"don't stop, you are great 10", "the bus stop" and "non-stop" are none: a word that is neither soft
nor a keyword stands before the keyword. In doubt between an opt-out and an answer it is an opt-out,
because the first may be mended and the second may break the law.

Words that are an everyday answer in another language stop only in a conversation of their own.
HELP and START have to be the whole message, with at most a "please". YES starts again
only after a stop.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from promontory.channels.sms.lexicon import fold, known_language


class Keyword(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    HELP = "help"
    START = "start"


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the list, with where it comes from; for a page that shows them."""

    keyword: Keyword
    word: str
    language: str
    sources: tuple[str, ...]
    alone_only: bool


LONGEST = 600
"""Characters read; of anything longer, the beginning and the end."""
_POLITE = frozenset(
    fold(word)
    for word in ("please", "pls", "plz", "thanks", "thank", "you", "bitte", "danke", "svp", "merci")
)
_CLAUSES = re.compile(r"[.!?,;:\n()\"“”。！？，、؟،]+")


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "keywords.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Every keyword with its language and sources."""
    found = []
    for keyword in Keyword:
        for block in _table()[keyword.value]:
            for kind in ("strong", "weak", "own", "words", "after_stop"):
                alone = kind in {"weak", "own", "after_stop"} or keyword is not Keyword.STOP
                found += [
                    Entry(
                        keyword,
                        word.replace("_", " "),
                        block["language"],
                        tuple(block["source"].split()),
                        alone,
                    )
                    for word in block.get(kind, "").split()
                ]
    return tuple(found)


@lru_cache(maxsize=128)
def _words(keyword: Keyword, kind: str, language: str = "") -> frozenset[tuple[str, ...]]:
    """The keywords of one kind, of one language or all, each as the words it consists of."""
    return frozenset(
        _cut(word.replace("_", " "))
        for block in _table()[keyword.value]
        if language in {"", block["language"]}
        for word in block.get(kind, "").split()
    )


@lru_cache(maxsize=1)
def _soft() -> frozenset[str]:
    return frozenset(fold(word) for word in _table()["soft"]["words"].split()) | _POLITE


def _cut(text: str) -> tuple[str, ...]:
    visible = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    kept = "".join(char if _is_part(char) else " " for char in visible)
    return tuple(fold(kept.replace("'", "").replace("’", "")).split())


def _is_part(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in "'’·"


def keyword_in(text: str, *, language: str = "", opted_out: bool = False) -> Keyword | None:
    """What a message asks for, if it is a keyword.

    `language` is that of the conversation; `opted_out` lets YES start again.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    if _stops(text, known_language(language)):
        return Keyword.STOP
    words = _cut(text)
    if _is_alone(words, _words(Keyword.START, "words")):
        return Keyword.START
    if opted_out and _is_alone(words, _words(Keyword.START, "after_stop")):
        return Keyword.START
    if _is_alone(words, _words(Keyword.HELP, "words")):
        return Keyword.HELP
    return None


def _stops(text: str, language: str) -> bool:
    words = _cut(text)
    strong = _words(Keyword.STOP, "strong")
    if language and _is_alone(words, _words(Keyword.STOP, "own", language)):
        return True
    if _is_alone(words, _words(Keyword.STOP, "weak")) or _is_soft_around(words, strong):
        return True
    short = len(words) <= 4 and not any(char.isdigit() for word in words for char in word)
    if short and any(words[: len(phrase)] == phrase for phrase in strong):
        return True
    return any(_is_soft_around(_cut(clause), strong) for clause in _CLAUSES.split(text))


def _is_alone(words: tuple[str, ...], keywords: Iterable[tuple[str, ...]]) -> bool:
    return tuple(word for word in words if word not in _POLITE) in keywords


def _is_soft_around(words: tuple[str, ...], keywords: frozenset[tuple[str, ...]]) -> bool:
    """Whether the words are a keyword and otherwise soft words only."""
    for start in range(len(words)):
        for length in (1, 2, 3):
            if words[start : start + length] in keywords and all(
                word in _soft() or word.isdecimal()
                for word in (*words[:start], *words[start + length :])
            ):
                return True
    return False
