"""Create a survey; draft, publish and close: a published version never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from promontory.errors import BadInput, Conflict, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.organization.models import User
from promontory.program.surveys import rules
from promontory.program.surveys.actions.writing import fill_questions, take_snapshot
from promontory.program.surveys.models import Survey, SurveyVersion, Touchpoint
from promontory.program.surveys.queries.wording import question_findings
from promontory.program.surveys.rules.questions import (
    REASON,
    RECOMMENDATION,
    NewQuestion,
    check_questions,
)

_ADDRESSES = {"new", "start"}
"""Words that stand where a survey's key does in the addresses of pages."""


@transaction.atomic
def create_survey(
    *,
    name: str,
    kind: str = "relationship",
    promise: str = "confidential",
    questions: Sequence[NewQuestion] = (RECOMMENDATION, REASON),
    touchpoint: Touchpoint | None = None,
    key: str = "",
    brand: str = "",
    languages: Sequence[str] = ("en",),
    cadence_days: int | None = None,
    delay_minutes: int = 0,
    owner: User | None = None,
    is_published: bool = True,
    by: Viewer,
    at: datetime,
) -> Survey:
    """Create a survey with its first version, published at once unless it is to be a draft."""
    by.must(Can.MANAGE_SURVEYS)
    if not name.strip():
        raise BadInput("A survey needs a name.", place=Place(field="name"))
    if kind not in rules.KINDS:
        raise BadInput(f"There is no kind “{kind}”.", remedy=f"Known: {', '.join(rules.KINDS)}.")
    if promise not in rules.PROMISES:
        raise BadInput(
            f"There is no promise “{promise}”.", remedy=f"Known: {', '.join(rules.PROMISES)}."
        )
    key = key or slugify(name)[:64] or "survey"
    if key in _ADDRESSES:
        key = f"{key}-survey"
    if Survey.objects.filter(key=key).exists():
        raise Conflict(f"There is a survey “{key}” already.", remedy="Choose another name.")
    survey = Survey.objects.create(
        key=key,
        name=name.strip(),
        kind=kind,
        promise=promise,
        touchpoint=touchpoint,
        brand=brand.strip(),
        cadence_days=cadence_days,
        delay_minutes=delay_minutes,
        owner=owner,
        created_at=at,
    )
    audit("create", survey, by=by, at=at, detail={"key": key, "kind": kind, "promise": promise})
    if is_published:
        add_version(survey, questions=questions, languages=languages, by=by, at=at)
    else:
        save_draft(survey, questions=questions, languages=languages, by=by, at=at)
    return survey


@transaction.atomic
def add_version(
    survey: Survey,
    *,
    questions: Sequence[NewQuestion],
    languages: Sequence[str] = ("en",),
    is_asked: bool = True,
    by: Viewer,
    at: datetime,
) -> SurveyVersion:
    """Publish the next version of a survey; the versions before it stay as they are.

    Not `is_asked`, it declares what the columns of an import were.
    """
    by.must(Can.MANAGE_SURVEYS)
    check_questions(questions, is_asked=is_asked)
    version = SurveyVersion.objects.create(
        survey=survey,
        number=_next_number(survey),
        languages=list(languages),
        published_at=at,
    )
    fill_questions(version, questions)
    take_snapshot(version, reason="", by=by, at=at)
    detail = {"survey": survey.key, "questions": [q.key for q in questions]}
    audit("publish", version, by=by, at=at, detail=detail)
    return version


@transaction.atomic
def save_draft(
    survey: Survey,
    *,
    questions: Sequence[NewQuestion],
    languages: Sequence[str] = ("en",),
    registers: Mapping[str, str] | None = None,
    by: Viewer,
    at: datetime,
) -> SurveyVersion:
    """Keep the questions as the survey's draft, in place of the draft that was there."""
    by.must(Can.MANAGE_SURVEYS)
    if not languages:
        raise BadInput(
            "A survey is asked in at least one language.", place=Place(field="languages")
        )
    check_questions(questions)
    draft = survey.versions.filter(published_at=None).first()
    if draft is None:
        draft = SurveyVersion(survey=survey, number=_next_number(survey))
    draft.languages, draft.registers = list(languages), dict(registers or {})
    draft.save()
    draft.questions.all().delete()
    fill_questions(draft, questions)
    detail = {"survey": survey.key, "questions": [q.key for q in questions]}
    audit("draft", draft, by=by, at=at, detail=detail)
    return draft


@transaction.atomic
def discard_draft(survey: Survey, *, by: Viewer, at: datetime) -> None:
    """Throw the survey's draft away; what is published stays."""
    by.must(Can.MANAGE_SURVEYS)
    for draft in survey.versions.filter(published_at=None):
        audit("discard", draft, by=by, at=at, detail={"survey": survey.key})
        draft.delete()


@transaction.atomic
def publish_draft(survey: Survey, *, reason: str = "", by: Viewer, at: datetime) -> SurveyVersion:
    """Publish the survey's draft: from now on it is what is asked, and it never changes.

    Texts that nobody has reviewed go live only with a `reason`, which is kept with the name.
    """
    by.must(Can.MANAGE_SURVEYS)
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    draft = held.versions.filter(published_at=None).first()
    if draft is None:
        raise Conflict(f"“{survey}” has no draft.", remedy="Change something first.")
    _refuse_traps(draft)
    take_snapshot(draft, reason=reason, by=by, at=at)
    draft.published_at = at
    draft.save(update_fields=["published_at"])
    detail = {
        "survey": survey.key,
        "version": draft.number,
        "languages": draft.languages,
        "drafts": len(draft.overrides),
        "reason": reason.strip(),
    }
    audit("publish", draft, by=by, at=at, detail=detail)
    return draft


def _refuse_traps(draft: SurveyVersion) -> None:
    for question in draft.questions.all():
        if question.metric == "nps":
            continue
        said = {draft.languages[0]: question.text, **question.texts}
        for language, text in said.items():
            for finding in question_findings(language, text, metric=question.metric):
                if finding.level == "refuse":
                    raise BadInput(
                        f"“{text}”: {finding.sentence}",
                        remedy=finding.remedy,
                        place=Place(field=question.key),
                    )


@transaction.atomic
def change_survey(
    survey: Survey,
    *,
    name: str,
    brand: str = "",
    owner: User | None = None,
    touchpoint: Touchpoint | None = None,
    priority: int = 100,
    cadence_days: int | None = None,
    delay_minutes: int = 0,
    by: Viewer,
    at: datetime,
) -> Survey:
    """Change what a survey is called, who owns it and when it is asked; its promise stays."""
    by.must(Can.MANAGE_SURVEYS)
    if not name.strip():
        raise BadInput("A survey needs a name.", place=Place(field="name"))
    changed = Survey.objects.select_for_update().get(pk=survey.pk)
    changed.name, changed.brand, changed.owner = name.strip(), brand.strip(), owner
    changed.touchpoint, changed.priority = touchpoint, priority
    changed.cadence_days, changed.delay_minutes = cadence_days, delay_minutes
    changed.save()
    detail = {
        "key": changed.key,
        "owner": owner.pk if owner else None,
        "touchpoint": touchpoint.key if touchpoint else None,
        "priority": priority,
        "cadence_days": cadence_days,
        "delay_minutes": delay_minutes,
    }
    audit("change", changed, by=by, at=at, detail=detail)
    return changed


@transaction.atomic
def close_survey(survey: Survey, *, by: Viewer, at: datetime) -> None:
    """Ask nobody from now on; what was answered stays."""
    _set_closed(survey, at, "close", by=by, at=at)


@transaction.atomic
def reopen_survey(survey: Survey, *, by: Viewer, at: datetime) -> None:
    """Ask again."""
    _set_closed(survey, None, "reopen", by=by, at=at)


def _set_closed(
    survey: Survey, closed_at: datetime | None, verb: str, *, by: Viewer, at: datetime
) -> None:
    by.must(Can.MANAGE_SURVEYS)
    if Survey.objects.filter(pk=survey.pk, closed_at__isnull=closed_at is not None).update(
        closed_at=closed_at
    ):
        audit(verb, survey, by=by, at=at, detail={"key": survey.key})


def _next_number(survey: Survey) -> int:
    last = survey.versions.select_for_update().order_by("-number").first()
    return last.number + 1 if last else 1
