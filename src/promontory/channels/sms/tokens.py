"""A text message cut into clauses of words and numbers, whatever digits and script it uses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from promontory.channels.sms.lexicon import Words, fold, writes_without_spaces


class Form(StrEnum):
    """What a number looks like."""

    PLAIN = "plain"
    RATED = "rated"
    """With the top of the scale: 9/10."""
    BROKEN = "broken"
    """A number that no whole score is: 9.5, −1."""
    UNSURE = "unsure"
    """It may be a score or not: 7-8, 4/5, 9?, 8ish."""
    OTHER = "other"
    """Certainly no score: a time, a date, money, a phone number."""
    SPELT = "spelt"
    """A number word."""
    SCALE = "scale"
    """The whole scale, repeated: 0-10, "1 to 10"."""


@dataclass(frozen=True, slots=True)
class Number:
    form: Form
    value: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: int
    end: int


Token = Number | Word
Clause = list[Token]

_URL = re.compile(r"\b(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}", re.I)
_EMOTICON = re.compile(r"<3+|(?<![\w/])[:;=]['’]?-?[)(\]\[DPp3*/|\\]+(?!\w)")
_QUOTED = re.compile(r"[“\"«„「].{12,}?[”\"»“」]|[“\"«„「](?=.*\d).{12,}$", re.S)
_FULL_MARKS = re.compile(
    r"10\s*点満点(?:中|で|のうち)?|10\s*点中|(?:满分|滿分)\s*(?:是|为|為)?\s*10\s*分|"
    r"10\s*分(?:满分|滿分|制)|10\s*점\s*만점(?:에서|에|중)?"
)
_SCALE = re.compile(
    r"(?<![\d.,])[01]\s*(?:-|–|—|~|to|bis|à|a|al|do|до|til|till|tot|ila|az|až)\s*10(?![\d.,/])",
    re.I,
)
_PHONE = re.compile(r"\+?\d[\d ().-]{5,}\d")
_STAMP = re.compile(
    r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}\s?[ap]\.\s?m\b", re.I
)
_RATIO = re.compile(r"(\d+)([.,]\d+)?\s*/\s*(\d+)(?![\d/])")
_RANGE = re.compile(r"\d+\s*[-–—~]\s*\d+")
_DECIMAL = re.compile(r"(\d+)[.,٫](\d+)")
_WHOLE = re.compile(r"\d+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufe0e\ufe0f\u0640]")
_MONEY = "$€£¥₹₽₺₩฿#№@"
_MEASURES = "%€$£¥₹₽₺₩฿°★☆⭐🌟*^‰"


@dataclass(frozen=True, slots=True)
class Plain:
    """A message with ordinary digits, and where each of its characters stood in the original."""

    text: str
    original: str
    at: tuple[int, ...]

    def before(self, index: int) -> str:
        return self.original[: self.at[index]]

    def after(self, index: int) -> str:
        return self.original[self.at[index] :]


def plain(message: str) -> Plain:
    """Turn every script's digits, keycaps and circled numbers into 0–9."""
    original = unicodedata.normalize("NFC", message)
    out: list[str] = []
    at: list[int] = []
    for index, char in enumerate(original):
        for piece in _plain(char, original, index, out):
            out.append(piece)
            at.append(index)
    text = _blank_out("".join(out))
    return Plain(text, original, (*at, len(original)))


def _plain(char: str, original: str, index: int, out: list[str]) -> str:
    if char == "🔟":
        return " 10 "
    if char == "\u20e3":
        return " "
    if _INVISIBLE.match(char):
        return ""
    category = unicodedata.category(char)
    if category == "Nd":
        keycap = original[index + 1 : index + 3].lstrip("\ufe0f").startswith("\u20e3")
        return f" {unicodedata.decimal(char)} " if keycap else str(unicodedata.decimal(char))
    if category == "No":
        shape = unicodedata.decomposition(char)
        if "<fraction>" in shape or not unicodedata.numeric(char, 0.5).is_integer():
            return ".5" if out and out[-1].isdigit() else "0.5"
        return (
            "^" if "<super>" in shape or "<sub>" in shape else f" {int(unicodedata.numeric(char))} "
        )
    return unicodedata.normalize("NFKC", char)


def _blank_out(text: str) -> str:
    """Hide what only looks like numbers or punctuation, keeping the length."""
    for pattern in (_URL, _QUOTED):
        text = pattern.sub(lambda found: "x" * len(found[0]), text)
    text = _EMOTICON.sub(lambda found: "." + " " * (len(found[0]) - 1), text)
    return _FULL_MARKS.sub(lambda found: " " * len(found[0]), text)


def clauses(text: str, words: Words, top: int) -> list[Clause]:
    """Cut a plain text at its punctuation into clauses of words and numbers."""
    found: list[Clause] = [[]]
    for token in _tokens(text, words, top):
        if token is None:
            if found[-1]:
                found.append([])
        elif not _repeats(found[-1], token):
            found[-1].append(token)
    return [clause for clause in found if clause]


def _repeats(clause: Clause, token: Token) -> bool:
    """Whether a number is said twice: "9 9". Not one: "1 1" may well be eleven."""
    last = clause[-1] if clause else None
    return (
        isinstance(token, Number)
        and isinstance(last, Number)
        and token.form is last.form is Form.PLAIN
        and token.value == last.value != 1
    )


def _tokens(text: str, words: Words, top: int) -> Iterator[Token | None]:
    position = 0
    while position < len(text):
        char = text[position]
        if char in ".," and re.match(r"\d", text[position + 1 :]) and not text[:position].strip():
            digits = _WHOLE.match(text, position + 1)
            end = digits.end() if digits else position + 1
            yield Number(Form.BROKEN, 0, position, end)
            position = end
            continue
        signed = char in "+-−–" and text[position + 1 : position + 2].isdigit()
        if char.isdigit() or (
            signed and not text[:position].rstrip().endswith(tuple("0123456789"))
        ):
            number = _number(text, position, top)
            yield number
            position = number.end
        elif char.isspace() and char != "\n":
            position += 1
        elif _is_letter(char):
            end = _end_of_word(text, position)
            yield from _words(text, position, end, words)
            position = end
        else:
            yield Word("/", position, position + 1) if char == "/" else None
            position += 1


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


def _end_of_word(text: str, start: int) -> int:
    """Where the word ends; digits glued to Latin-like letters belong to it ("gr8", "B2B")."""
    end = start
    spaceless = writes_without_spaces(text[start])
    while end < len(text):
        char = text[end]
        letter = _is_letter(char) and writes_without_spaces(char) == spaceless
        joint = char in "'’ʼ·-_&" and end + 1 < len(text) and _is_letter(text[end + 1])
        digit = char.isdigit() and not spaceless
        if not (letter or (joint and not spaceless) or digit):
            break
        end += 1
    return end


def _words(text: str, start: int, end: int, words: Words) -> Iterator[Token]:
    run = text[start:end]
    if not writes_without_spaces(run[0]):
        yield _word(fold(run), start, end, words)
        return
    known = words.vocabulary
    position, unknown = 0, 0
    while position < len(run):
        for length in range(min(8, len(run) - position), 0, -1):
            piece = fold(run[position : position + length])
            if piece in known:
                if unknown < position:
                    yield Word(fold(run[unknown:position]), start + unknown, start + position)
                yield _word(piece, start + position, start + position + length, words)
                position += length
                unknown = position
                break
        else:
            position += 1
    if unknown < len(run):
        yield Word(fold(run[unknown:]), start + unknown, end)


def _word(text: str, start: int, end: int, words: Words) -> Token:
    value = words.numbers.get(text)
    return Word(text, start, end) if value is None else Number(Form.SPELT, value, start, end)


def _number(text: str, start: int, top: int) -> Number:
    form, value, end = _shape(text, start, top)
    before, after = text[:start].rstrip(" "), text[end:]
    if before and before[-1] in _MONEY:
        return Number(Form.OTHER, value, start, end)
    if after[:1] and after[0] in _MEASURES:
        return Number(Form.OTHER, value, start, end + 1)
    if form is Form.PLAIN and _is_doubtful(text, start, after, value, top):
        form = Form.UNSURE
    glued = _end_of_word(text, end) if after[:1] and _glues(after[0]) else end
    if glued > end:
        return _with_letters(text, start, end, glued, form, value)
    return Number(form, value, start, end)


def _glues(char: str) -> bool:
    return _is_letter(char) and not writes_without_spaces(char)


def _with_letters(text: str, start: int, end: int, glued: int, form: Form, value: int) -> Number:
    """A number with letters joined to it: points, as in "9pts", or no plain number any more."""
    if fold(text[end:glued]) in {"pts", "pt", "points", "pkt", "p"} and form is Form.PLAIN:
        return Number(Form.RATED, value, start, glued)
    unsure = form is Form.PLAIN and fold(text[end:glued]) in {"ish", "x"}
    return Number(Form.UNSURE if unsure else Form.OTHER, value, start, glued)


def _is_doubtful(text: str, start: int, after: str, value: int, top: int) -> bool:
    """Whether a sign beside the number takes its certainty: 9? · 9+ · 8- · 1) · "no. 9"."""
    clause = re.split(r"[.!,;:\n]", after, maxsplit=1)[0]
    if "?" in clause or "؟" in clause or (after.startswith("+") and value != top):
        return True
    if after.startswith("-") and not after.strip("- \n"):
        return True
    if after.startswith(")") and "(" not in text[:start]:
        return True
    return re.search(r"(?:^|\W)(?:no|nr|num|n|č|č|№)\.\s*$", text[:start], re.I) is not None


def _shape(text: str, start: int, top: int) -> tuple[Form, int, int]:
    if (found := _PHONE.match(text, start)) and sum(char.isdigit() for char in found[0]) >= 7:
        return Form.OTHER, 0, found.end()
    if found := _STAMP.match(text, start):
        return Form.OTHER, 0, found.end()
    if text[start] in "+-−–":
        sign = text[start]
        number = _WHOLE.match(text, start + 1)
        end = number.end() if number else start + 1
        if sign == "+" or not number:
            return Form.UNSURE, 0, end
        return (Form.BROKEN if not text[:start].strip() else Form.UNSURE), 0, end
    if found := _RATIO.match(text, start):
        return _ratio(found, top)
    if found := _SCALE.match(text, start):
        return Form.SCALE, top, found.end()
    if found := _RANGE.match(text, start):
        return Form.UNSURE, 0, found.end()
    if found := _DECIMAL.match(text, start):
        whole = not found[2].strip("0") and len(found[2]) == 1
        return (Form.PLAIN if whole else Form.BROKEN), int(found[1][:6]), found.end()
    digits = _WHOLE.match(text, start)
    assert digits is not None
    said = digits[0]
    if len(said) > 3:
        return Form.OTHER, 0, digits.end()
    padded = said[0] == "0" and len(said) > 1
    odd = padded and (len(said) > 2 or said == "00")
    return (Form.UNSURE if odd else Form.PLAIN), int(said), digits.end()


def _ratio(found: re.Match[str], top: int) -> tuple[Form, int, int]:
    value, fraction, of = int(found[1][:6]), found[2], int(found[3][:6])
    if of != top:
        clock = (value, of) in {(24, 7), (9, 11), (365, 24)}
        return (Form.OTHER if clock or value > 31 or of > 31 else Form.UNSURE), value, found.end()
    if fraction and fraction[1:].strip("0"):
        return Form.BROKEN, value, found.end()
    return Form.RATED, value, found.end()
