"""What may be asked: kinds, scales, choices and branching; plain values in, a refusal out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from promontory.errors import BadInput, Place
from promontory.program.surveys.codes import METRIC_CODES, SCALES
from promontory.program.surveys.rules import QUESTION_KINDS

MOST_QUESTIONS = 50
MOST_OPTIONS = 50
_KEY = re.compile(r"[-a-zA-Z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to be: its key within the survey, kind, metric (or none), wording and branching.

    `options` are the choices of a choice: {"value", "key", "text", "texts"}. `show_if` names an
    earlier question and the answers after which this one is asked.
    """

    key: str
    text: str
    kind: str = "scale"
    metric: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[Mapping[str, Any]] = ()
    is_required: bool = False
    show_if: Mapping[str, Any] = field(default_factory=dict)


RECOMMENDATION = NewQuestion(
    key="recommend",
    metric="nps",
    text="How likely is it that you would recommend us to a friend or colleague?",
)
REASON = NewQuestion(key="reason", kind="text", text="What is the main reason for your score?")


def check_questions(questions: Sequence[NewQuestion], *, is_asked: bool = True) -> None:
    """Refuse questions that cannot be asked, naming the first that cannot and what to do.

    Not asked (an import declares what a file's columns were), a scale without a metric is allowed:
    its answers are kept raw.
    """
    if not questions:
        raise BadInput("A survey asks at least one question.", place=Place(field="questions"))
    if len(questions) > MOST_QUESTIONS and is_asked:
        raise BadInput(
            f"A survey asks at most {MOST_QUESTIONS} questions.",
            remedy="Few answer more than five; split the survey.",
            place=Place(field="questions"),
        )
    earlier: dict[str, NewQuestion] = {}
    for question in questions:
        _check_one(question, is_asked=is_asked)
        if question.key in earlier:
            raise _refused(question, "Two questions have this key.", "Give each its own.")
        if question.show_if:
            _check_branch(question, earlier)
        earlier[question.key] = question


def _check_one(question: NewQuestion, *, is_asked: bool) -> None:
    if not _KEY.fullmatch(question.key):
        raise _refused(
            question, "A key has 1 to 64 letters, digits, - and _.", "For example: reason."
        )
    if not question.text.strip():
        raise _refused(question, "This question has no text.", "Write what is asked.")
    if question.kind not in QUESTION_KINDS:
        raise _refused(
            question,
            f"There is no kind of question “{question.kind}”.",
            f"Known: {', '.join(QUESTION_KINDS)}.",
        )
    if question.metric and question.metric not in METRIC_CODES:
        raise _refused(
            question,
            f"There is no metric “{question.metric}”.",
            f"Known: {', '.join(METRIC_CODES)}.",
        )
    if question.metric and question.kind in {"choice", "text"}:
        raise _refused(question, "A choice or a text feeds no metric.", "Leave the metric out.")
    if question.kind == "scale" and not question.metric and is_asked:
        raise _refused(
            question,
            "A scale is asked 0–10 (recommendation), 1–5 (satisfaction) or 1–7 (effort).",
            "Choose one of these metrics: other scales do not compare.",
        )
    if question.kind == "choice":
        _check_options(question)


def _check_options(question: NewQuestion) -> None:
    if not 2 <= len(question.options) <= MOST_OPTIONS:
        raise _refused(
            question, f"A choice has 2 to {MOST_OPTIONS} options.", "Write one on each line."
        )
    values = [option.get("value") for option in question.options]
    if len(set(values)) < len(values) or not all(
        isinstance(value, int) and 1 <= value <= 1_000 for value in values
    ):
        raise _refused(question, "Each option needs a number of its own, from 1.", "Number them.")
    if not all(str(option.get("text", "")).strip() for option in question.options):
        raise _refused(question, "An option has no text.", "Write it, or take it out.")


def _check_branch(question: NewQuestion, earlier: Mapping[str, NewQuestion]) -> None:
    on = earlier.get(str(question.show_if.get("question", "")))
    values = question.show_if.get("values")
    if on is None:
        raise _refused(
            question,
            "It depends on a question that is not asked before it.",
            f"Earlier ones: {', '.join(earlier) or 'none'}.",
        )
    possible = answers_of(on)
    if possible is None:
        raise _refused(
            question, f"It cannot depend on the text “{on.key}”.", "Choose a closed question."
        )
    if not isinstance(values, list) or not values or not set(values) <= set(possible):
        raise _refused(
            question,
            f"It depends on answers that “{on.key}” does not have.",
            f"Possible: {', '.join(map(str, possible))}.",
        )


def answers_of(question: NewQuestion) -> list[int] | None:
    """Return the possible answers of a question, None for a text."""
    if question.kind == "text":
        return None
    if question.kind == "choice":
        return [int(option["value"]) for option in question.options]
    low, high = SCALES.get(question.metric or question.kind, (0, 10))
    return list(range(low, high + 1))


def _refused(question: NewQuestion, message: str, remedy: str) -> BadInput:
    name = question.key or question.text[:40] or "a question without a key"
    return BadInput(f"“{name}”: {message}", remedy=remedy, place=Place(field=question.key))
