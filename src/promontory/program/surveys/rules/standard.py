"""Which questions have a standard wording, in every language that we speak."""

from __future__ import annotations

from collections.abc import Mapping

from promontory.program.surveys.rules.questions import REASON, RECOMMENDATION

STANDARD = {
    RECOMMENDATION.text: "recommend.question",
    REASON.text: "reason.question",
}


def wording_key(metric: str, text: str) -> str | None:
    """Return the key of the wording that a question is asked in; None for one of its own.

    The recommendation question has no other wording: what is compared is asked alike.
    """
    return "recommend.question" if metric == "nps" else STANDARD.get(text)


def standard_texts(
    metric: str, text: str, wording: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Return what a standard question says in each language; empty for one of its own."""
    found = wording_key(metric, text)
    if found is None:
        return {}
    return {language: texts[found] for language, texts in wording.items() if found in texts}
