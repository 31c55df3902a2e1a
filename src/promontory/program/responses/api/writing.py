"""Recording a response, putting it right, taking it out of the count and back in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import StrictInt, StringConstraints

from promontory.errors import BadInput, Place
from promontory.program.customers import actions as customers
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.doors import SLUG, Id, Strict, answers, now, viewer
from promontory.program.responses import actions
from promontory.program.responses.api.routing import router
from promontory.program.responses.api.shapes import instant
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import Response
from promontory.program.surveys import queries as surveys

Act = Callable[..., int]
Text = Annotated[str, StringConstraints(max_length=200)]
Words = Annotated[str, StringConstraints(max_length=20_000)]
AnswerKey = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=SLUG)]
AnswerValue = Annotated[StrictInt, Field(ge=0, le=1000)]
Answers = dict[AnswerKey, AnswerValue | None]
Channel = Literal["unknown", "email", "sms", "web", "in_app", "kiosk", "ivr", "in_person", "letter"]
Reason = Literal[
    "test", "employee", "duplicate", "scanner", "straight_line", "staff_entered", "manual",
    "not_a_customer", "outside_population",
]  # fmt: skip


class PersonIn(Strict):
    """Who answered, by any of these; nothing is kept under an anonymous promise."""

    email: Text = ""
    customer: Text = ""
    phone: Text = ""
    name: Text = ""


class ResponseIn(Strict):
    """One answer from outside; sending the same `id` again changes nothing."""

    survey: AnswerKey = Field(examples=["relationship"])
    id: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")] = Field(
        description="The answer's number where it comes from.", examples=["a-1"]
    )
    answered_at: datetime = Field(examples=["2026-03-31T12:00:00Z"])
    answers: Answers = Field(
        min_length=1,
        max_length=200,
        description="By metric or question key; null is asked and not answered.",
        examples=[{"nps": 9}],
    )
    person: PersonIn | None = None
    account: Text = ""
    unit: Annotated[str, StringConstraints(max_length=100)] = ""
    comment: Words = ""
    language: Annotated[str, StringConstraints(max_length=16, pattern=r"^[-a-zA-Z_]*$")] = ""
    channel: Channel = "unknown"
    attributes: dict[AnswerKey, Annotated[str, StringConstraints(max_length=300)]] = Field(
        {}, max_length=200, description="The value of each attribute, by its key."
    )


class CorrectionIn(Strict):
    """What the answers should have been, and why; what is left out stays as it is."""

    answers: Answers = Field(min_length=1, max_length=200, examples=[{"nps": 8}])
    comment: Words | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]


class ExclusionIn(Strict):
    """Why it does not count (or why that reason holds no more)."""

    reason: Reason = "manual"
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class Receipt(Schema):
    """That it is written: the response's number, and what keeps it from counting now.

    It holds nothing personal. Read the response itself with GET /responses/ID.
    """

    id: int
    survey: str
    received_at: datetime
    exclusions: list[str]


def _receipt(response: Response) -> Receipt:
    mask = Excluded(response.mask)
    return Receipt(
        id=response.pk,
        survey=response.survey.key,
        received_at=response.received_at,
        exclusions=[(one.name or "").lower() for one in Excluded if one and mask & one],
    )


@router.post("/responses", response=answers(Receipt, 201), summary="Record a response")
def record_response(request: HttpRequest, payload: ResponseIn) -> Status[Receipt]:
    """Keep one answer, in the ledger too; recorded again under its `id`, it stays as it was."""
    asking, at = viewer(request), now()
    asking.must(Can.IMPORT)
    instant(payload.answered_at, "answered_at")
    try:
        return Status(201, _receipt(_record(payload, by=asking, at=at)))
    except IntegrityError:
        # Another request recorded the same answer or person first: now it is there to be found.
        return Status(201, _receipt(_record(payload, by=asking, at=at)))


@transaction.atomic
def _record(payload: ResponseIn, *, by: Viewer, at: datetime) -> Response:
    survey = surveys.survey(payload.survey, viewer=by)
    unit = organization.unit(payload.unit, viewer=by) if payload.unit else None
    if unit is None and by.units is not None:
        raise BadInput("Say which of your units this answer is of.", place=Place(field="unit"))
    told = payload.person
    contact = None
    if told is not None and survey.promise != "anonymous":
        contact = customers.resolve_contact(**told.dict(), account=payload.account, at=at)
    new = actions.NewResponse(
        survey=survey,
        answers=payload.answers,
        answered_at=payload.answered_at,
        given_id=payload.id,
        contact=contact,
        account=payload.account,
        unit=unit,
        comment=payload.comment,
        language=payload.language,
        channel=payload.channel,
        attributes=payload.attributes,
    )
    return actions.record(new, by=by, at=at)


@router.post("/responses/{pk}/correction", response=answers(Receipt), summary="Put it right")
def correct_response(request: HttpRequest, pk: Id, payload: CorrectionIn) -> Receipt:
    """Correct answers or comment; what stood before stays in the ledger."""
    asking = viewer(request)
    made = actions.correct(
        pk,
        answers=payload.answers,
        comment=payload.comment,
        reason=payload.reason,
        by=asking,
        at=now(),
    )
    return _receipt(made)


@router.post("/responses/{pk}/exclusion", response=answers(Receipt), summary="Take it out")
def exclude_response(request: HttpRequest, pk: Id, payload: ExclusionIn) -> Receipt:
    """Take a response out of the count for one reason; done again, nothing changes."""
    return _counted(request, pk, payload, actions.exclude)


@router.post("/responses/{pk}/readmission", response=answers(Receipt), summary="Let it count")
def readmit_response(request: HttpRequest, pk: Id, payload: ExclusionIn) -> Receipt:
    """Let a response count again as far as this reason goes; done again, nothing changes."""
    return _counted(request, pk, payload, actions.readmit)


def _counted(request: HttpRequest, pk: int, payload: ExclusionIn, act: Act) -> Receipt:
    act(
        [pk],
        reason=Excluded[payload.reason.upper()],
        note=payload.note,
        by=viewer(request),
        at=now(),
    )
    return _receipt(Response.objects.select_related("survey").get(pk=pk))
