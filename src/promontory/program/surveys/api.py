"""The REST API of surveys."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from promontory.program.organization.doors import Strict, answers, now, viewer
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

    key: str
    name: str
    kind: str
    promise: str
    version: int
    questions: list[QuestionOut]
    created_at: datetime


class SurveyList(Schema):
    """All surveys; there are never so many that they need pages."""

    items: list[SurveyOut]


class QuestionIn(Strict):
    """A question to be."""

    key: str
    text: str
    kind: str = "scale"
    metric: str = ""


class SurveyIn(Strict):
    """A survey to be; without questions it asks for the recommendation and the reason."""

    name: str
    key: str = ""
    kind: str = "relationship"
    promise: str = "confidential"
    questions: list[QuestionIn] = []


def _out(survey: Survey) -> SurveyOut:
    version = queries.current_version(survey)
    return SurveyOut(
        key=survey.key,
        name=survey.name,
        kind=survey.kind,
        promise=survey.promise,
        version=version.number,
        questions=[QuestionOut.from_orm(question) for question in version.questions.all()],
        created_at=survey.created_at,
    )


@router.get("/surveys", response=answers(SurveyList), summary="All surveys")
def list_surveys(request: HttpRequest) -> SurveyList:
    return SurveyList(items=[_out(survey) for survey in queries.surveys(viewer=viewer(request))])


@router.get("/surveys/{key}", response=answers(SurveyOut), summary="One survey")
def get_survey(request: HttpRequest, key: str) -> SurveyOut:
    return _out(queries.survey(key, viewer=viewer(request)))


@router.post("/surveys", response=answers(SurveyOut, 201), summary="Create a survey")
def create_survey(request: HttpRequest, payload: SurveyIn) -> tuple[int, SurveyOut]:
    questions = [actions.NewQuestion(**question.dict()) for question in payload.questions]
    survey = actions.create_survey(
        name=payload.name,
        key=payload.key,
        kind=payload.kind,
        promise=payload.promise,
        questions=questions or (actions.RECOMMENDATION, actions.REASON),
        by=viewer(request),
        at=now(),
    )
    return 201, _out(survey)
