"""What was sent, read question by question: an answer, words, or a fault. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from promontory.program.answering.rules.paper import Ask, Paper

MOST_WORDS = 10_000
"""The longest text that is kept; what is longer is cut there."""

_WHOLE = re.compile(r"[+-]?\d{1,6}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `faults` say by question key what is wrong: "choose" or "missing"."""

    answers: Mapping[str, int | None] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was said."""
        return not self.words and all(value is None for value in self.answers.values())


def read(
    paper: Paper,
    sent: Mapping[str, Any],
    *,
    asked: Collection[str] | None = None,
    demands: bool = True,
) -> Reading:
    """Return what was sent (question key → value) as answers, words and faults.

    `asked` are the keys that were on the page (None: all): left empty they are asked and not
    answered, and a fault where an answer is required, unless nothing is demanded yet. What was
    sent beyond them is taken too; a question that does not follow from the answers is left out.
    """
    answers: dict[str, int | None] = {}
    words: dict[str, str] = {}
    faults: dict[str, str] = {}
    for ask in paper.asks:
        if not ask.follows(answers):
            continue
        is_asked = asked is None or ask.key in asked
        given = sent.get(ask.key)
        if given is None or (isinstance(given, str) and not given.strip()):
            if is_asked:
                if ask.is_closed:
                    answers[ask.key] = None
                if demands and must_answer(paper, ask):
                    faults[ask.key] = "choose" if ask.kind == "scale" else "missing"
        elif ask.is_closed:
            value = _value(ask, given)
            if value is None or not ask.takes(value):
                faults[ask.key] = "choose"
            else:
                answers[ask.key] = value
        elif isinstance(given, str):
            words[ask.key] = cleaned(given)
        else:
            faults[ask.key] = "missing"
    return Reading(answers, words, faults)


def must_answer(paper: Paper, ask: Ask) -> bool:
    """Whether one cannot go on without: what is required, and what it is all about."""
    return ask.is_required or ask is paper.score


def _value(ask: Ask, given: object) -> int | None:
    """Return the answer meant; a choice may be named by its key too, as programs do."""
    by_key = {option.key: option.value for option in ask.options}
    return by_key[given] if isinstance(given, str) and given in by_key else whole(given)


def whole(given: object) -> int | None:
    """Return a whole number as it was ticked, in whatever digits; None for all else."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return given if abs(given) < 10**6 else None
    if isinstance(given, str) and _WHOLE.fullmatch(given.strip()):
        return int(given)
    return None


def cleaned(text: str) -> str:
    """Return words as they are kept: line ends of one kind, no unseen characters, not too long."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", plain).strip()[:MOST_WORDS]


def verbatim(paper: Paper, words: Mapping[str, str]) -> str | None:
    """Return all that was written as one comment, in the order of the questions; None: nothing."""
    said = [words[ask.key] for ask in paper.asks if words.get(ask.key)]
    return "\n\n".join(said) if said else None
