"""The survey editor's form: questions as they are typed, moved and taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.datastructures import MultiValueDict
from django.utils.text import slugify

from promontory.program.surveys.actions import REASON, RECOMMENDATION, NewQuestion
from promontory.program.surveys.models import Question
from promontory.program.surveys.queries.wording import Language, question_findings
from promontory.program.surveys.rules.wording import Finding

TYPES = {
    "recommendation": ("Recommendation, 0–10", "scale", "nps"),
    "text": ("Free text", "text", ""),
    "csat": ("Satisfaction, 1–5 (CSAT)", "scale", "csat"),
    "ces": ("Effort, 1–7 (CES)", "scale", "ces"),
    "yes_no": ("Yes or no", "yes_no", ""),
    "choice": ("Choice of one", "choice", ""),
}
"""What a question may be: its label, kind and metric."""

_FRESH = {
    "recommendation": RECOMMENDATION.text,
    "text": REASON.text,
    "csat": "How satisfied are you with us today?",
    "ces": "They made it easy for me to handle my issue.",
}
_MOST = 60


@dataclass(frozen=True, slots=True)
class Typed:
    """One question as it stands in the form; whatever was typed is shown again."""

    key: str
    type: str
    text: str
    options: str = ""
    is_required: bool = False
    on: str = ""
    values: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    option_texts: Mapping[str, str] = field(default_factory=dict)
    metric: str = ""
    translations: Sequence[tuple[Language, str, str]] = ()
    findings: Sequence[Finding] = ()

    @property
    def label(self) -> str:
        return TYPES[self.type][0]

    @property
    def has_own_text(self) -> bool:
        """The recommendation is asked in one wording, which is translated elsewhere."""
        return self.type != "recommendation"


def typed(data: MultiValueDict[str, str], languages: Sequence[str]) -> list[Typed]:
    """Return the questions of a sent form, in their order."""
    found = []
    for number in range(_MOST):
        kind = data.get(f"type_{number}", "")
        if kind not in TYPES:
            continue
        found.append(
            Typed(
                key=str(data.get(f"key_{number}", ""))[:64],
                type=kind,
                text=str(data.get(f"text_{number}", "")).strip()[:500],
                options=str(data.get(f"options_{number}", "")).replace("\r\n", "\n").strip(),
                is_required=f"required_{number}" in data,
                on=str(data.get(f"on_{number}", "")),
                values=str(data.get(f"values_{number}", "")),
                metric=str(data.get(f"metric_{number}", "")),
                texts=_per_language(data, f"text_{number}", languages[1:]),
                option_texts=_per_language(data, f"options_{number}", languages[1:]),
            )
        )
    return found


def _per_language(
    data: MultiValueDict[str, str], name: str, languages: Iterable[str]
) -> dict[str, str]:
    given = {
        language: str(data.get(f"{name}_{language}", "")).replace("\r\n", "\n").strip()
        for language in languages
    }
    return {language: text for language, text in given.items() if text}


def shown(questions: Iterable[Question]) -> list[Typed]:
    """Return stored questions as the form shows them; what an import brought is left out."""
    return [_shown(question) for question in questions if question.is_askable]


def _shown(question: Question) -> Typed:
    kind = next(
        (
            key
            for key, (_, kind, metric) in TYPES.items()
            if kind == question.kind and metric in {question.metric, ""}
        ),
        "text",
    )
    languages = sorted({lang for option in question.options for lang in option.get("texts", {})})
    return Typed(
        key=question.key,
        type=kind,
        text=question.text,
        options="\n".join(str(option["text"]) for option in question.options),
        is_required=question.is_required,
        on=str(question.show_if.get("question", "")),
        values=ranges(question.show_if.get("values", ())),
        metric=question.metric,
        texts=question.texts,
        option_texts={
            language: "\n".join(
                str(option.get("texts", {}).get(language, "")) for option in question.options
            )
            for language in languages
        },
    )


def fresh(kind: str, taken: Iterable[str]) -> Typed:
    """Return a question of that type to begin with."""
    text = _FRESH.get(kind, "")
    key = {"recommendation": "recommend", "text": "reason", "csat": "satisfaction"}.get(kind, kind)
    return Typed(key=_free(key, set(taken)), type=kind, text=text)


def moved(questions: Sequence[Typed], place: int, by: int) -> list[Typed]:
    """Return the questions with one of them moved; beyond an end it stays."""
    order = list(questions)
    if 0 <= place < len(order) and 0 <= place + by < len(order):
        order.insert(place + by, order.pop(place))
    return order


def new_questions(questions: Sequence[Typed]) -> list[NewQuestion]:
    """Return what was typed as questions to be; keys that are missing are made of the text."""
    made: list[NewQuestion] = []
    taken: set[str] = set()
    for each in questions:
        _, kind, metric = TYPES[each.type]
        key = each.key or _free(slugify(each.text)[:60] or each.type, taken)
        taken.add(key)
        made.append(
            NewQuestion(
                key=key,
                kind=kind,
                # A yes or no may feed the metric of that name; nothing else is left to the form.
                metric=metric or (each.metric if kind == "yes_no" else ""),
                text=each.text or (RECOMMENDATION.text if metric == "nps" else ""),
                texts=each.texts if each.has_own_text else {},
                options=_options(each) if kind == "choice" else (),
                is_required=each.is_required,
                show_if={"question": each.on, "values": values_of(each.values)} if each.on else {},
            )
        )
    return made


def _options(each: Typed) -> list[dict[str, object]]:
    lines = [line.strip() for line in each.options.split("\n") if line.strip()]
    others = {language: text.split("\n") for language, text in each.option_texts.items()}
    return [
        {
            "value": number,
            "key": slugify(line)[:60] or f"option-{number}",
            "text": line[:300],
            "texts": {
                language: texts[number - 1].strip()[:300]
                for language, texts in others.items()
                if len(texts) >= number and texts[number - 1].strip()
            },
        }
        for number, line in enumerate(lines, start=1)
    ]


def values_of(text: str) -> list[int]:
    """Return the answers that “0–6, 9” names; what is not a number or a range names none."""
    found: set[int] = set()
    for part in text.replace("–", "-").replace(";", ",").split(","):
        low, _, high = part.strip().partition("-")
        if low.strip().isdecimal() and (not high or high.strip().isdecimal()):
            first, last = int(low), int(high or low)
            found.update(range(first, min(last, first + 100) + 1))
    return sorted(found)


def ranges(values: Iterable[int]) -> str:
    """Return answers as they are typed: [0, 1, 2, 9] is “0–2, 9”."""
    runs: list[list[int]] = []
    for value in sorted(set(values)):
        if runs and value == runs[-1][1] + 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return ", ".join(f"{low}–{high}" if high > low else str(low) for low, high in runs)


def _free(key: str, taken: set[str]) -> str:
    wanted, number = key, 1
    while wanted in taken:
        number += 1
        wanted = f"{key}-{number}"
    return wanted


def translated(
    questions: Sequence[Typed], first: str, languages: Iterable[Language]
) -> list[Typed]:
    """Return the questions with what they say in each of these languages, for the form to show.

    With each comes what is wrong with its wording.
    """
    others = list(languages)
    return [
        replace(
            each,
            translations=[
                (other, each.texts.get(other.code, ""), each.option_texts.get(other.code, ""))
                for other in others
            ],
            findings=_findings(each, first) if each.has_own_text else (),
        )
        for each in questions
    ]


def _findings(each: Typed, first: str) -> list[Finding]:
    metric = TYPES[each.type][2]
    said = {first: each.text, **each.texts} if each.text else {}
    return [
        finding
        for language, text in said.items()
        for finding in question_findings(language, text, metric=metric)
    ]
