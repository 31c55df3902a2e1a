"""Survey versions as they are put to respondents, kept in memory: published, they never change."""

from __future__ import annotations

from copy import copy

from promontory.errors import NotFound
from promontory.program.answering.rules.paper import Ask, Option, Paper
from promontory.program.organization import queries as organization
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import SCALES
from promontory.program.surveys.models import Question, Survey, SurveyVersion

_MOST = 256
_papers: dict[tuple[object, ...], Paper] = {}
_versions: dict[int, SurveyVersion] = {}


def paper(version: SurveyVersion) -> Paper:
    """Return a published version as it is asked, from memory if it was asked before.

    Its survey is to be at hand: brand and promise are the survey's, and may change.
    """
    if version.published_at is None:
        raise NotFound("This version is not published.")
    survey = version.survey
    key = (version.pk, version.published_at, survey.key, survey.promise, survey.brand)
    if (found := _papers.get(key)) is None:
        if len(_papers) >= _MOST:
            forget()
        found = _papers[key] = paper_of(version)
    return found


def version_paper(survey: Survey, version: SurveyVersion | None) -> Paper:
    """Return the version of a wave as it is asked; of a wave that names none, the present one."""
    if version is None and (version := surveys.published_version(survey)) is None:
        raise NotFound("This survey asks nothing yet.")
    version.survey = survey
    return paper(version)


def published(number: int) -> SurveyVersion | None:
    """Return a published version with its questions, from memory if it was asked for before.

    Without its wording, which is large; and with whatever survey it is given, which may change.
    """
    if number not in _versions:
        found = SurveyVersion.objects.defer("wording", "overrides").prefetch_related("questions")
        version = found.filter(pk=number, published_at__isnull=False).first()
        if version is None:
            return None
        if len(_versions) >= _MOST:
            forget()
        _versions[number] = version
    return copy(_versions[number])


def forget() -> None:
    """Empty the memory."""
    _papers.clear()
    _versions.clear()


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
