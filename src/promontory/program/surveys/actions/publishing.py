"""What can be done with surveys: create one, add a version, publish it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from promontory.errors import BadInput, Conflict, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.surveys import rules
from promontory.program.surveys.codes import METRIC_CODES
from promontory.program.surveys.models import Question, Survey, SurveyVersion, Touchpoint


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to be: its key within the survey, kind, metric (or none) and wording."""

    key: str
    text: str
    kind: str = "scale"
    metric: str = ""


RECOMMENDATION = NewQuestion(
    key="recommend",
    metric="nps",
    text="How likely is it that you would recommend us to a friend or colleague?",
)
REASON = NewQuestion(key="reason", kind="text", text="What is the main reason for your score?")


@transaction.atomic
def create_survey(
    *,
    name: str,
    kind: str = "relationship",
    promise: str = "confidential",
    questions: Sequence[NewQuestion] = (RECOMMENDATION, REASON),
    touchpoint: Touchpoint | None = None,
    key: str = "",
    by: Viewer,
    at: datetime,
) -> Survey:
    """Create a survey with its first version, published at once."""
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
    if Survey.objects.filter(key=key).exists():
        raise Conflict(f"There is a survey “{key}” already.", remedy="Choose another name.")
    survey = Survey.objects.create(
        key=key, name=name.strip(), kind=kind, promise=promise, touchpoint=touchpoint, created_at=at
    )
    audit("create", survey, by=by, at=at, detail={"key": key, "kind": kind, "promise": promise})
    add_version(survey, questions=questions, by=by, at=at)
    return survey


@transaction.atomic
def add_version(
    survey: Survey, *, questions: Sequence[NewQuestion], by: Viewer, at: datetime
) -> SurveyVersion:
    """Publish the next version of a survey; the versions before it stay as they are."""
    by.must(Can.MANAGE_SURVEYS)
    if not questions:
        raise BadInput("A survey asks at least one question.", place=Place(field="questions"))
    for question in questions:
        if question.kind not in rules.QUESTION_KINDS:
            raise BadInput(
                f"There is no kind of question “{question.kind}”.",
                remedy=f"Known: {', '.join(rules.QUESTION_KINDS)}.",
            )
        if question.metric and question.metric not in METRIC_CODES:
            raise BadInput(
                f"There is no metric “{question.metric}”.",
                remedy=f"Known: {', '.join(METRIC_CODES)}.",
            )
    last = survey.versions.select_for_update().order_by("-number").first()
    version = SurveyVersion.objects.create(
        survey=survey, number=last.number + 1 if last else 1, published_at=at
    )
    Question.objects.bulk_create(
        Question(
            version=version,
            position=position,
            key=question.key,
            kind=question.kind,
            metric=question.metric,
            text=question.text,
        )
        for position, question in enumerate(questions, start=1)
    )
    detail = {"survey": survey.key, "questions": [q.key for q in questions]}
    audit("publish", version, by=by, at=at, detail=detail)
    return version
