"""The REST API of surveys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints, model_validator

from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    SLUG,
    Key,
    Name,
    Slug,
    Strict,
    answers,
    etag,
    must_match,
    not_modified,
    now,
    tagged,
    viewer,
)
from promontory.program.surveys import actions, queries
from promontory.program.surveys.models import Survey

router = Router(tags=["surveys"])


class QuestionOut(Schema):
    """A question of the current version."""

    key: str
    kind: str
    metric: str
    text: str


class SurveyOut(Schema):
    """A survey with the questions that it asks now."""

    key: str = Field(examples=["relationship"])
    name: str
    kind: str
    promise: str
    version: int | None = Field(description="null before one is published.")
    questions: list[QuestionOut]
    created_at: datetime


class SurveyList(Schema):
    """All surveys; there are never so many that they need pages."""

    items: list[SurveyOut]


class QuestionIn(Strict):
    """A question to be; `metric` names the metric that its answers feed, if any."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=SLUG)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    kind: Literal["scale", "yes_no", "choice", "text"] = "scale"
    metric: Literal["", "nps", "csat", "ces", "yes_no"] = ""


class VersionIn(Strict):
    """The questions that are asked from now on, in their order."""

    questions: list[QuestionIn] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def each_once(self) -> VersionIn:
        keys = [question.key for question in self.questions]
        if len(set(keys)) < len(keys):
            raise ValueError("Two questions have the same key.")
        return self


class SurveyIn(VersionIn):
    """A survey to be; without questions it asks for the recommendation and the reason."""

    name: Name = Field(examples=["After support"])
    key: Slug = ""
    kind: Literal["relationship", "transactional"] = "relationship"
    promise: Literal["identified", "confidential", "anonymous"] = "confidential"
    questions: list[QuestionIn] = Field([], max_length=200)


def _out(survey: Survey) -> SurveyOut:
    version = queries.published_version(survey)
    questions = version.questions.all() if version else ()
    return SurveyOut(
        key=survey.key,
        name=survey.name,
        kind=survey.kind,
        promise=survey.promise,
        version=version.number if version else None,
        questions=[QuestionOut.from_orm(question) for question in questions],
        created_at=survey.created_at,
    )


def _tag(survey: Survey) -> str:
    return etag("survey", _out(survey).dict())


def _questions(payload: VersionIn) -> list[actions.NewQuestion]:
    return [actions.NewQuestion(**question.dict()) for question in payload.questions]


@router.get("/surveys", response=answers(SurveyList), summary="All surveys")
def list_surveys(request: HttpRequest) -> SurveyList:
    return SurveyList(items=[_out(survey) for survey in queries.surveys(viewer=viewer(request))])


@router.get("/surveys/{key}", response=answers(SurveyOut), summary="One survey")
def get_survey(request: HttpRequest, response: HttpResponse, key: Key) -> SurveyOut | HttpResponse:
    survey = queries.survey(key, viewer=viewer(request))
    tag = _tag(survey)
    if same := not_modified(request, tag):
        return same
    tagged(response, tag)
    return _out(survey)


@router.post("/surveys", response=answers(SurveyOut, 201), summary="Create a survey")
def create_survey(request: HttpRequest, payload: SurveyIn) -> Status[SurveyOut]:
    survey = actions.create_survey(
        name=payload.name,
        key=payload.key,
        kind=payload.kind,
        promise=payload.promise,
        questions=_questions(payload) or (actions.RECOMMENDATION, actions.REASON),
        by=viewer(request),
        at=now(),
    )
    return Status(201, _out(survey))


@router.post(
    "/surveys/{key}/versions", response=answers(SurveyOut, 201), summary="Publish a new version"
)
def publish_version(
    request: HttpRequest, response: HttpResponse, key: Key, payload: VersionIn
) -> Status[SurveyOut]:
    """Ask these questions from now on; the versions before stay. If-Match guards against races."""
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    with transaction.atomic():
        survey = queries.survey(key, viewer=asking, hold=True)
        must_match(request, _tag(survey))
        actions.add_version(survey, questions=_questions(payload), by=asking, at=now())
    tagged(response, _tag(survey))
    return Status(201, _out(survey))
