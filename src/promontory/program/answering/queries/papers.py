"""Survey versions as they are put to respondents, kept in memory: published, they never change."""

from __future__ import annotations

from functools import lru_cache

from promontory.errors import NotFound
from promontory.program.answering.queries.wording import sheet
from promontory.program.answering.rules.looks import Sheet
from promontory.program.answering.rules.paper import Ask, Option, Paper
from promontory.program.organization import queries as organization
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import SCALES
from promontory.program.surveys.models import Question, Survey, SurveyVersion


def paper(version: int) -> Paper:
    """Return a version as it is asked; a published one from memory."""
    return _published(version)


@lru_cache(maxsize=256)
def _published(version: int) -> Paper:
    # What is a draft raises, and an exception is not kept: the next call looks again.
    found = SurveyVersion.objects.select_related("survey").filter(pk=version).first()
    if found is None or found.published_at is None:
        raise NotFound("There is no such published version.")
    return paper_of(found)


def version_paper(survey: Survey, version: int | None) -> Paper:
    """Return the version of a wave as it is asked; of a wave that names none, the present one."""
    if version is None:
        found = surveys.published_version(survey)
        if found is None:
            raise NotFound("This survey asks nothing yet.")
        version = found.pk
    return paper(version)


def paper_of(version: SurveyVersion) -> Paper:
    """Return a version as it is asked, a draft too."""
    survey = version.survey
    own = organization.organization()
    return Paper(
        survey=survey.pk,
        version=version.pk,
        number=version.number,
        promise=survey.promise,
        brand=survey.brand or (own.name if own else ""),
        languages=tuple(version.languages) or ("en",),
        asks=tuple(_ask(question) for question in version.questions.all() if _is_asked(question)),
        texts=version.wording,
    )


@lru_cache(maxsize=1024)
def _sheet(version: int, language: str) -> Sheet:
    return sheet(paper(version), language)


def sheet_of(paper: Paper, language: str) -> Sheet:
    """Return the words of a published paper in one language."""
    return _sheet(paper.version, language)


def _is_asked(question: Question) -> bool:
    return question.kind != "scale" or question.metric in SCALES


def _ask(question: Question) -> Ask:
    low, high = (0, 1) if question.kind == "yes_no" else SCALES.get(question.metric, (0, 0))
    after = question.show_if
    return Ask(
        key=question.key,
        kind=question.kind,
        metric=question.metric,
        text=question.text,
        texts=question.texts,
        low=low,
        high=high,
        options=tuple(
            Option(int(o["value"]), str(o["key"]), str(o["text"]), o.get("texts") or {})
            for o in question.options
        ),
        is_required=question.is_required,
        after=(after["question"], frozenset(after["values"])) if after else None,
    )
