"""The words of a page: those its version was published with, else those the product ships."""

from __future__ import annotations

from collections.abc import Mapping

from promontory.program.answering.rules.looks import Sheet
from promontory.program.answering.rules.paper import Paper
from promontory.program.surveys.queries import wording


def sheet(paper: Paper, language: str) -> Sheet:
    """Return the words of a paper in one language; what that lacks is said in English."""
    own = paper.texts.get(language) or {}
    return _sheet(language, own)


def plain_sheet(language: str) -> Sheet:
    """Return the words for a page that belongs to no survey."""
    return _sheet(language, {})


def _sheet(language: str, own: Mapping[str, str]) -> Sheet:
    shipped = wording.shipped_words(language)
    return Sheet(
        language=language,
        direction=shipped.direction,
        own_name=shipped.own_name,
        texts={**shipped.texts, **own},
    )
