"""What a text message says as a score: a value, out of scale, ambiguous, or none. Never a guess.

The rules, in the order in which they decide:

1. Digits of every script, keycaps and circled numbers are digits. Links, long quotations (a phone
   that "liked" our question quotes its 0 and 10) and emoticons ("<3") are no numbers.
2. Times, dates, money, percentages, phone numbers, codes of four digits and more, and numbers in
   front of what they count ("3 hours", "2 calls") are never scores.
3. A message is cut at its punctuation into clauses. In a clause a number is a *candidate* if
   nothing but words that lead to a score stands before it ("I'd give it a 9") and behind it
   nothing, politeness, points, "out of 10", or a word with which a comment begins ("9 great
   service", "8 because …"). A number at the very end counts after a word of praise or blame too
   ("Great! 9"). Number words count only where nothing but such words surrounds them.
4. Any other number that could be a score makes the message ambiguous: "8 or 9", "7-8", "4/5",
   "not 10", "9 staff were rude".
5. One value among the candidates is the score. Values that differ are ambiguous. A candidate
   beyond the scale, or a fraction, is out of scale; it is never clipped or rounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from promontory.channels.sms.lexicon import (
    Words,
    anywhere,
    fold,
    known_language,
    vocabulary,
    words_of,
)
from promontory.channels.sms.tokens import Clause, Form, Number, Plain, Word, clauses, plain


@dataclass(frozen=True, slots=True)
class Score:
    """A score, and what else was said: the comment, or an empty text."""

    value: int
    rest: str = ""


@dataclass(frozen=True, slots=True)
class OutOfScale:
    """A number that the scale does not have: 11, −1, 9.5."""

    text: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A number is there, but which score is meant, or whether one is, cannot be known."""

    text: str


@dataclass(frozen=True, slots=True)
class NoScore:
    """No number that could be a score."""

    text: str


Reading: TypeAlias = Score | OutOfScale | Ambiguous | NoScore

COUNTS = 6
"""Numbers up to this count people and things ("2 very good engineers"); greater ones seldom do."""
LONGEST = 2000
"""Characters read; a score stands at the beginning or the end of anything longer than a page."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: int
    broken: bool
    start: int
    end: int
    said_before: bool
    """Something that is not only a lead stands before it."""


def read_score(text: str, *, language: str = "", low: int = 0, high: int = 10) -> Reading:
    """Read a message as a score from `low` to `high`; `language` is that of the question."""
    message = plain(text[:LONGEST])
    words = vocabulary(language)
    value = _single_word(message, language)
    if value is not None:
        return Score(value) if low <= value <= high else OutOfScale(text)
    cut = [_without_scale(c, words, high) for c in clauses(message.text, words, high)]
    candidates: list[_Candidate] = []
    unclear = False
    for index, clause in enumerate(cut):
        found, doubt = _judge(clause, words, (low, high), last=index == len(cut) - 1)
        candidates += found
        following = cut[index + 1][:1] if index + 1 < len(cut) else []
        unclear = unclear or doubt or (bool(found) and _is_wish(clause, following, words))
    return _verdict(text, message, candidates, unclear, cut, words, (low, high))


def _single_word(message: Plain, language: str) -> int | None:
    """The value of a message that is one number word, in its own language or in any."""
    whole = fold(re.sub(r"[\W_]+", " ", message.text).strip())
    own = known_language(language)
    if own and whole in words_of(own).numbers:
        return words_of(own).numbers[whole]
    return anywhere().get(whole, words_of("en").numbers.get(whole))


def _without_scale(clause: Clause, words: Words, high: int) -> Clause:
    """A clause without the scale it repeats: "on a scale of 0 to 10", "out of 10 I'd say"."""
    return [
        token
        for index, token in enumerate(clause)
        if not (isinstance(token, Number) and token.form is Form.SCALE)
        and not _is_top(clause, index, words, high)
    ]


def _verdict(
    text: str,
    message: Plain,
    candidates: list[_Candidate],
    unclear: bool,
    cut: list[Clause],
    words: Words,
    scale: tuple[int, int],
) -> Reading:
    low, high = scale
    fitting = [c for c in candidates if not c.broken and low <= c.value <= high]
    if unclear or (fitting and len(fitting) < len(candidates)):
        return Ambiguous(text)
    if not candidates:
        spelt = [t for clause in cut for t in clause if _is_spelt(t)]
        return Ambiguous(text) if len(spelt) > 1 else NoScore(text)
    if not fitting:
        return OutOfScale(text)
    if len({candidate.value for candidate in fitting}) > 1:
        return Ambiguous(text)
    return Score(fitting[0].value, _rest(message, fitting, cut, words))


def _is_spelt(token: object) -> bool:
    return isinstance(token, Number) and token.form is Form.SPELT


def _judge(
    clause: Clause, words: Words, scale: tuple[int, int], *, last: bool
) -> tuple[list[_Candidate], bool]:
    """The candidates of one clause, and whether another number in it leaves a doubt."""
    low, high = scale
    found: list[_Candidate] = []
    doubt = False
    skip = -1
    for index, token in enumerate(clause):
        if not isinstance(token, Number) or index <= skip or token.form is Form.OTHER:
            continue
        if token.form is Form.UNSURE:
            doubt = True
            continue
        end, rated = _behind(clause, index, words, high)
        kind = _standing(clause, index, end, words, rated=rated, last=last)
        if kind == "score":
            skip = end - 1
            said = any(not _is_lead(t, words) for t in clause[:index])
            broken = token.form is Form.BROKEN
            found.append(_Candidate(token.value, broken, token.start, clause[end - 1].end, said))
        elif kind == "doubt" and (token.form is Form.BROKEN or low <= token.value <= high):
            doubt = doubt or token.form is not Form.SPELT
    return found, doubt


def _is_wish(clause: Clause, following: Clause, words: Words) -> bool:
    """Whether the score is taken back: "I would give 10 but", "I would give 10, if"."""
    said = [token.text if isinstance(token, Word) else None for token in [*clause, *following]]
    where = next(i for i, token in enumerate(clause) if isinstance(token, Number))
    return any(text in words.wishes for text in said[:where]) and any(
        text in words.contrasts for text in said[where + 1 :]
    )


def _standing(
    clause: Clause, index: int, end: int, words: Words, *, rated: bool, last: bool
) -> str:
    """Whether a number is a "score", certainly "none", or leaves a "doubt"."""
    token = clause[index]
    assert isinstance(token, Number)
    before, after = clause[:index], clause[end:]
    if before and isinstance(before[-1], Word) and before[-1].text in words.names:
        return "none"
    if token.form is Form.SPELT:
        bare = not before and not after
        clean = all(_is_lead(t, words) for t in [*before, *after])
        article = token.value == 1 and not rated
        return "score" if (bare if article else clean) else "doubt"
    counted = [isinstance(t, Word) and t.text in words.units for t in after[:2]]
    if counted and counted[0]:
        return "none"
    joined = after and isinstance(after[0], Word) and after[0].text in words.joins
    counts = any(counted) or (not rated and 0 < token.value <= COUNTS and _may_count(after, words))
    if (counts and not joined) or not _goes_on_well(after, words):
        return "doubt"
    if all(_is_lead(t, words) for t in before):
        return "score"
    at_the_end = last and not after
    praised = all(_is_lead(t, words) or _is_opener(t, words) for t in before)
    return "score" if praised and (rated or at_the_end) else "doubt"


def _may_count(after: Clause, words: Words) -> bool:
    """Whether a word we do not know follows so closely that it may be what is counted."""
    for token in after[:3]:
        if not isinstance(token, Word) or token.text in words.joins:
            return False
        if token.text not in words.vocabulary:
            return True
    return False


def _goes_on_well(after: Clause, words: Words) -> bool:
    """Whether what follows a number leaves it a score: nothing, politeness, or a comment."""
    following = [t for t in after if not (isinstance(t, Word) and t.text in words.fillers)]
    if not following or all(_is_lead(t, words) or _is_kiss(t) for t in following):
        return True
    return _is_opener(after[0], words) or _is_opener(following[0], words)


def _behind(clause: Clause, index: int, words: Words, high: int) -> tuple[int, bool]:
    """Where the score ends with its "points" and "out of 10", and whether it has any."""
    token = clause[index]
    rated = isinstance(token, Number) and token.form is Form.RATED
    end = index + 1
    if end < len(clause) and _text(clause, end) in words.points - words.units:
        end, rated = end + 1, True
    for phrase in words.of:
        stop = end + len(phrase)
        if stop < len(clause) and tuple(_text(clause, i) for i in range(end, stop)) == phrase:
            top = clause[stop]
            if isinstance(top, Number) and top.value == high and top.form in _WHOLE_FORMS:
                end, rated = stop + 1, True
                if end < len(clause) and _text(clause, end) in words.points:
                    end += 1
                break
    return end, rated


_WHOLE_FORMS = (Form.PLAIN, Form.SPELT, Form.RATED)


def _is_top(clause: Clause, index: int, words: Words, high: int) -> bool:
    """Whether the number is the top of the scale before the score: "out of 10 I'd say 8"."""
    token = clause[index]
    if not isinstance(token, Number) or token.value != high:
        return False
    more = any(isinstance(t, Number) for t in clause[index + 1 :])
    before = [
        phrase
        for phrase in words.of
        if index >= len(phrase)
        and tuple(_text(clause, i) for i in range(index - len(phrase), index)) == phrase
    ]
    # A single word is enough only if the score follows: "una nota de 10" is a ten.
    return (
        any(more or len(phrase) > 1 for phrase in before)
        and not any(isinstance(t, Number) for t in clause[: index - 1][-2:])
    ) or (more and (_text(clause, index + 1),) in words.of)


def _text(clause: Clause, index: int) -> str:
    token = clause[index] if index < len(clause) else None
    return token.text if isinstance(token, Word) else ""


def _is_lead(token: object, words: Words) -> bool:
    if isinstance(token, Number):
        # "eine 8", "un 10": in many languages the word for one is the article too.
        return token.form is Form.SPELT and token.value == 1
    return isinstance(token, Word) and (
        token.text in words.leads or token.text in words.fillers or token.text in words.connecting
    )


def _is_opener(token: object, words: Words) -> bool:
    return isinstance(token, Word) and token.text in words.openers


def _is_kiss(token: object) -> bool:
    return isinstance(token, Word) and token.text in {"x", "xx", "xxx"}


def _rest(message: Plain, found: list[_Candidate], cut: list[Clause], words: Words) -> str:
    """What was said beside the score; the whole message if there is something on both sides."""
    first, final = found[0], found[-1]
    before = [t for clause in cut for t in clause if t.end <= first.start]
    after = [t for clause in cut for t in clause if t.start >= final.end]
    says_before = any(not _says_nothing(t, words) for t in before)
    says_after = any(not _says_nothing(t, words) for t in after)
    if says_before and says_after:
        return message.original.strip()
    if says_before:
        return _EDGES.sub("", message.before(first.start))
    return _EDGES.sub("", message.after(final.end)) if says_after else ""


def _says_nothing(token: object, words: Words) -> bool:
    return _is_lead(token, words) or _is_kiss(token)


_EDGES = re.compile(r"^[\s,.;:!)\]/*\-–—=、。，．！：；）\u20e3\ufe0f]+|[\s,;:(\[\-–—=、，（]+$")


EXAMPLES = ("10", "9 great service", "8/10", "seven", "5️⃣", "٩", "九分")
"""Messages to try the conversation with; the simulator's page offers them."""
