"""How far every language has come: what is reviewed of it, what is found, whether it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from promontory.program.organization.access import Can, Viewer
from promontory.program.surveys.models import SurveyVersion
from promontory.program.surveys.queries.wording import (
    Rows,
    Text,
    findings_of,
    languages,
    own_rows,
    texts_among,
    written,
)
from promontory.program.surveys.rules.texts import DEFAULT, INFORMAL, Language


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a language has come: what is reviewed of it, what is found, whether it is asked."""

    language: Language
    reviewed: int
    total: int
    own: int
    findings: int
    is_asked: bool
    text: Text
    says: str

    @property
    def is_reviewed(self) -> bool:
        return self.reviewed == self.total


def standings(*, key: str = "recommend.question", viewer: Viewer) -> list[Standing]:
    """Return how far every language has come, with what it says for one key."""
    viewer.must(Can.SEE_SCORES)
    rows, asked = own_rows(), _asked()
    return [_standing(each, rows, key, asked) for each in languages()]


def _standing(language: Language, rows: Rows, key: str, asked: frozenset[str]) -> Standing:
    found = texts_among(language, DEFAULT, rows)
    informal = texts_among(language, INFORMAL, rows) if language.has_registers else {}
    every = [*found.values(), *(text for text in informal.values() if text.register == INFORMAL)]
    findings = {
        *findings_of(language, found),
        *(findings_of(language, informal) if informal else ()),
    }
    text = found.get(key) or found["recommend.question"]
    return Standing(
        language=language,
        reviewed=sum(text.is_reviewed for text in every),
        total=len(every),
        own=sum(text.is_own for text in every),
        findings=len(findings),
        is_asked=language.code in asked,
        text=text,
        says=written(found)[text.key],
    )


def _asked() -> frozenset[str]:
    """Return the languages that published surveys are asked in."""
    published = SurveyVersion.objects.filter(
        published_at__isnull=False, survey__closed_at=None
    ).values_list("languages", flat=True)
    return frozenset(code for codes in published for code in codes)
