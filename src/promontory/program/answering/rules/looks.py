"""A page for one respondent in one language, as plain values for its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promontory.program.answering.rules.paper import Ask, Paper
from promontory.program.answering.rules.submission import must_answer

_METRIC_TEXT = {"nps": "recommend", "csat": "csat", "ces": "ces"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tick."""

    value: int
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One question as it is shown; `language` is set where its text is in another language."""

    key: str
    kind: str
    text: str
    choices: tuple[Choice, ...]
    low: str
    high: str
    is_optional: bool
    written: str
    fault: str
    language: str = ""

    @property
    def name(self) -> str:
        """Under which name its answer is sent."""
        return f"q-{self.key}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words of a paper in one language."""

    language: str
    direction: str
    own_name: str
    texts: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, **slots: object) -> str:
        """Return a text with its slots filled; a text that is missing is its key, to be seen."""
        text = self.texts.get(key, key)
        for name, value in slots.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def question_text(paper: Paper, ask: Ask, sheet: Sheet) -> tuple[str, str]:
    """Return what a question says in the sheet's language, and the language if it is another."""
    first = paper.languages[0] if paper.languages else "en"
    if own := ask.texts.get(sheet.language):
        return own.replace("{brand}", paper.brand), ""
    if sheet.language == first:
        return ask.text.replace("{brand}", paper.brand), ""
    standard = _METRIC_TEXT.get(ask.metric, ask.key if ask.kind == "text" else "")
    if standard and (worded := sheet.texts.get(f"{standard}.question")):
        return worded.replace("{brand}", paper.brand), ""
    return ask.text.replace("{brand}", paper.brand), first


def anchors(ask: Ask, sheet: Sheet) -> tuple[str, str]:
    """Return what the two ends of a scale mean."""
    standard = _METRIC_TEXT.get(ask.metric)
    if standard is None:
        return "", ""
    return sheet.say(f"{standard}.low"), sheet.say(f"{standard}.high")


def fields(
    paper: Paper,
    asks: Sequence[Ask],
    sheet: Sheet,
    *,
    answers: Mapping[str, int | None],
    words: Mapping[str, str],
    faults: Mapping[str, str],
) -> list[Field]:
    """Return the questions of a page, with what was ticked and written on it so far."""
    made = []
    for ask in asks:
        text, other = question_text(paper, ask, sheet)
        low, high = anchors(ask, sheet)
        made.append(
            Field(
                key=ask.key,
                kind=ask.kind,
                text=text,
                choices=_choices(ask, sheet, answers.get(ask.key)),
                low=low,
                high=high,
                is_optional=not must_answer(paper, ask),
                written=words.get(ask.key, ""),
                fault=_fault(ask, sheet, faults.get(ask.key, "")),
                language=other,
            )
        )
    return made


def _choices(ask: Ask, sheet: Sheet, chosen: int | None) -> tuple[Choice, ...]:
    if ask.kind == "yes_no":
        pairs = [(1, sheet.say("yes_no.yes")), (0, sheet.say("yes_no.no"))]
    elif ask.kind == "choice":
        pairs = [(o.value, o.texts.get(sheet.language) or o.text) for o in ask.options]
    elif ask.kind == "scale":
        pairs = [(value, str(value)) for value in range(ask.low, ask.high + 1)]
    else:
        pairs = []
    return tuple(Choice(value, text, value == chosen) for value, text in pairs)


def _fault(ask: Ask, sheet: Sheet, fault: str) -> str:
    if fault and ask.kind == "scale":
        return sheet.say("page.error.choose", low=ask.low, high=ask.high)
    return sheet.say("page.error.summary") if fault else ""
