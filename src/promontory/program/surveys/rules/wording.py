"""The traps of wording: what would make scores of two languages or two surveys incomparable.

A finding that is `refuse` keeps a text from being saved or reviewed; one that is `warn` is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from promontory.channels.sms.lexicon import script_of
from promontory.channels.sms.segments import segments
from promontory.program.surveys.rules import texts

LONGEST_TEXT = 1000
LONGEST_SUBJECT = 78
MOST_SEGMENTS = 3
REFUSE, WARN = "refuse", "warn"

_ASKS_RECOMMENDATION = frozenset({"recommend.question", "sms.ask", "voice.question"})
_NAMES_SCALE = _ASKS_RECOMMENDATION | {"sms.again", "sms.help", "voice.keys"}
_ANCHORS = {
    "recommend.low": "recommend.high",
    "csat.low": "csat.high",
    "ces.low": "ces.high",
}
_QUESTIONS = frozenset(
    {"recommend.question", "csat.question", "ces.question", "sms.ask", "sms.reason"}
    | {"reason.question", "reason.promoter", "reason.passive", "reason.detractor"}
    | {"voice.question", "voice.reason"}
)
_ONE_THING = frozenset({"csat.question", "ces.question", "reason.question"})
_SCRIPTS = {
    "Latn": {"LATIN"},
    "Cyrl": {"CYRILLIC"},
    "Grek": {"GREEK"},
    "Arab": {"ARABIC"},
    "Hebr": {"HEBREW"},
    "Deva": {"DEVANAGARI"},
    "Beng": {"BENGALI"},
    "Taml": {"TAMIL"},
    "Thai": {"THAI"},
    "Hans": {"CJK"},
    "Hant": {"CJK"},
    "Jpan": {"CJK", "HIRAGANA", "KATAKANA"},
    "Kore": {"HANGUL"},
}
_ONLY_TRADITIONAL = frozenset("們這個說體點擇選請對電郵將謝於問題開關閉應網頁們為會時數據寫聽")
_ONLY_SIMPLIFIED = frozenset("们这个说体点择选请对电邮将谢于问题开关闭应网页为会时数据写听")
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>|&(?:[a-zA-Z]+|#\d+);")
_STRAY_BRACE = re.compile(r"[{}]")
_OVERRIDES = frozenset("‭‮⁦⁧⁨")
_PICTURES = re.compile("[\U0001f300-\U0001faff☀-➿⭐❤]")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a text, how badly, and what to do."""

    level: str
    language: str
    key: str
    sentence: str
    remedy: str


def findings_of_text(
    language: texts.Language, key: str, text: str, others: Mapping[str, str]
) -> list[Finding]:
    """Return what is wrong with one text; `others` are the language's texts beside it."""
    found = [*_of_form(key, text), *_of_script(language, key, text)]
    found += [*_of_question(language, key, text), *_of_anchor(language, key, text, others)]
    found += _of_length(key, text)
    return [Finding(level, language.code, key, *said) for level, *said in found]


def findings_of_language(language: texts.Language, said: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with a language's texts, missing ones first."""
    missing = [
        Finding(
            WARN,
            language.code,
            key,
            f"“{key}” has no {language.name} text.",
            "It is shown in English until there is one.",
        )
        for key in texts.all_keys()
        if not said.get(key)
    ]
    each = (findings_of_text(language, key, text, said) for key, text in said.items() if text)
    return missing + [finding for found in each for finding in found]


def findings_of_own_question(
    language: texts.Language, text: str, *, metric: str = ""
) -> list[Finding]:
    """Return what is wrong with a question of a survey's own; `metric` names what it feeds."""
    key = {"nps": "recommend.question", "csat": "csat.question", "ces": "ces.question"}.get(
        metric, "reason.question"
    )
    found = [*_of_markup(text), *_of_script(language, key, text)]
    found += _of_question(language, key, text)
    if metric != "nps" and _has(text, language.lint["yes_no"]):
        found.append(
            (
                REFUSE,
                "It asks for the recommendation by another question.",
                "Add the recommendation, 0–10: its wording is fixed, so that scores compare.",
            )
        )
    return [Finding(level, language.code, "", *said) for level, *said in found]


Said = tuple[str, str, str]
"""Level, sentence, remedy."""


def _of_form(key: str, text: str) -> Iterator[Said]:
    if not text.strip():
        yield REFUSE, "The text is empty.", "Write it, or go back to the text we ship."
        return
    if len(text) > LONGEST_TEXT:
        yield REFUSE, f"It is {len(text)} characters long.", f"Keep it below {LONGEST_TEXT}."
    yield from _of_markup(text)
    if key.startswith(texts.FORM):
        if texts.placeholders(text) - {"brand"}:
            yield REFUSE, "A form of the brand knows {brand} alone.", "Take the other names out."
        return
    wanted, there = texts.placeholders(texts.english(key)), texts.placeholders(text)
    for name in sorted(wanted - there):
        yield REFUSE, f"{{{name}}} is missing.", f"Put {{{name}}} where it is to be filled in."
    for name in sorted(there - wanted):
        yield REFUSE, f"{{{name}}} is not filled in here.", f"Take {{{name}}} out."
    if _STRAY_BRACE.search(texts.filled(text, dict.fromkeys(there, ""))):
        yield REFUSE, "There is a brace that belongs to no name.", "Write names as {brand}."


def _of_markup(text: str) -> Iterator[Said]:
    if _MARKUP.search(text):
        yield REFUSE, "It contains HTML, which would be shown as it is.", "Write plain text."
    if _OVERRIDES & set(text):
        yield (
            REFUSE,
            "It contains invisible marks that turn the direction of writing.",
            "Take them out; the page sets the direction.",
        )


def _of_script(language: texts.Language, key: str, text: str) -> Iterator[Said]:
    if key.startswith(texts.FORM):
        return  # a brand may be written in any script
    plain = texts.filled(text, dict.fromkeys(texts.placeholders(text), ""))
    wanted = _SCRIPTS[language.script]
    letters = [char for char in _without_acronyms(plain) if unicodedata.category(char)[0] == "L"]
    foreign = [char for char in letters if script_of(char) not in wanted]
    if letters and len(foreign) * 2 > len(letters):
        yield (
            REFUSE,
            f"It is not written in the script of {language.name}.",
            f"Write it in {language.own_name}.",
        )
    for script, only in (("Hans", _ONLY_TRADITIONAL), ("Hant", _ONLY_SIMPLIFIED)):
        stray = (only - (_ONLY_SIMPLIFIED & _ONLY_TRADITIONAL)) & set(plain)
        if language.script == script and stray:
            listed = "".join(sorted(stray))
            yield WARN, f"{listed} belongs to the other Chinese script.", "Write it in this one."


def _of_question(language: texts.Language, key: str, text: str) -> Iterator[Said]:
    if key not in _QUESTIONS and key not in _NAMES_SCALE:
        return
    asks_how_likely = _has_stem(text, language.lint["likely"])
    if key in _ASKS_RECOMMENDATION and (not asks_how_likely or _has(text, language.lint["yes_no"])):
        yield (
            REFUSE,
            "It asks for yes or no, not how likely it is.",
            f"Ask how likely it is (“{language.lint['likely'][0]}”), as the scale answers that.",
        )
    if key in _NAMES_SCALE:
        yield from _of_scale(text)
    if key not in _QUESTIONS:
        return
    if loaded := _has(text, language.lint["leading"]):
        yield WARN, f"“{loaded}” leads to a good answer.", "Ask without praise."
    if _PICTURES.search(text) or _has(text, language.lint["colours"]):
        yield (
            REFUSE,
            "A colour or face in a question says which answer is wished for.",
            "Take it out.",
        )
    if key in _ONE_THING and (joint := _has(text, language.lint["and"])):
        yield WARN, f"“{joint}” may ask for two things at once.", "Ask for one thing."


def _of_scale(text: str) -> Iterator[Said]:
    named = {int(number) for number in re.findall(r"\d+", text)}
    if named and (0 not in named or max(named) > 10):
        span = f"{min(named)} to {max(named)}"
        yield (
            REFUSE,
            f"It asks on a scale from {span}; recommendation is asked from 0 to 10.",
            "Ask from 0 to 10. Answers on other scales can be imported, never asked.",
        )


def _of_anchor(
    language: texts.Language, key: str, text: str, others: Mapping[str, str]
) -> Iterator[Said]:
    ends = {**_ANCHORS, **{high: low for low, high in _ANCHORS.items()}}
    if key not in ends:
        return
    if weak := _has(text, language.lint["very"]):
        yield (
            REFUSE,
            f"“{weak}” stands for “extremely”.",
            "The ends of the scale are “not at all” and “extremely”, as everywhere.",
        )
    if middle := _has(text, language.lint["middle"]):
        yield (
            REFUSE,
            f"“{middle}” names a middle of the scale.",
            "Only its ends have names; the middle is what people make of it.",
        )
    if _PICTURES.search(text) or _has(text, language.lint["colours"]):
        yield REFUSE, "A colour or face says which answer is wished for.", "Take it out."
    shipped = language.texts.get(ends[key], "")
    if _folded(text) in {_folded(others.get(ends[key], "")), _folded(shipped)} - {""}:
        yield REFUSE, "It says what the other end of the scale says.", "Swap the two ends."


def _of_length(key: str, text: str) -> Iterator[Said]:
    if key in {"mail.subject", "mail.reminder_subject"}:
        length = len(texts.filled(text, {"brand": "B" * 20}))
        if length > LONGEST_SUBJECT:
            yield WARN, f"The subject has {length} characters with the brand.", "Shorten it."
    if key.startswith("sms."):
        parts = segments(texts.filled(text, {"brand": "B" * 20, "contact": "c" * 30})).count
        if parts > MOST_SEGMENTS:
            yield (
                WARN,
                f"It goes out as {parts} text messages, each of them paid for.",
                f"Shorten it to {MOST_SEGMENTS}.",
            )


def _without_acronyms(text: str) -> str:
    """Return a text without words that are written in Latin capitals everywhere: STOP, SMS."""
    return re.sub(r"\b[A-Z]{2,}\b", "", text)


def _has(text: str, words: Iterable[str]) -> str:
    """Return the first of the words that stands in a text as a word, else nothing."""
    plain = _folded(texts.filled(text, {}))
    return next((word for word in words if _pattern(word).search(plain)), "")


def _has_stem(text: str, stems: Iterable[str]) -> bool:
    plain = _folded(text)
    return any(_folded(stem) in plain for stem in stems)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    folded = re.escape(_folded(word))
    spaced = script_of(word[0]) not in {"CJK", "HIRAGANA", "KATAKANA", "THAI", "HANGUL"}
    return re.compile(rf"(?<!\w){folded}(?!\w)" if spaced else folded)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()
