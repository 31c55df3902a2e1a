"""The REST API of the contact policy and its exceptions."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator, WithJsonSchema

from promontory.errors import NotFound
from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Id,
    Key,
    Strict,
    answers,
    etag,
    must_match,
    not_modified,
    now,
    tagged,
    viewer,
)
from promontory.program.outreach import actions
from promontory.program.outreach.models import ContactPolicy, PolicyException
from promontory.program.outreach.queries import policies
from promontory.program.surveys import queries as surveys


def _without_zone(value: time) -> time:
    return value.replace(tzinfo=None)


Clock = Annotated[
    time,
    # JSON Schema's "time" wants an offset; these are by each customer's own clock and have none.
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"}),
    AfterValidator(_without_zone),
]
"""A time of day, such as 20:00."""

router = Router(tags=["contact policy"])


class PolicyOut(Schema):
    """How seldom anybody is asked; null where there is no such rule."""

    number: int = Field(description="0: the policy one starts with.")
    rest_invited: int | None = Field(description="Days after an invitation.")
    rest_shown: int | None
    rest_answered: int | None
    rest_dismissed: int | None
    cap_person: int | None = Field(description="Invitations and reminders within the days.")
    cap_person_days: int
    cap_account: int | None
    cap_account_days: int
    cap_household: int | None
    cap_household_days: int
    needs_basis: bool
    priority_days: int
    quiet_from: Clock
    quiet_until: Clock


class PolicyIn(Strict):
    """The rules to change; what is left out stays as it is."""

    rest_invited: int | None = None
    rest_shown: int | None = None
    rest_answered: int | None = None
    rest_dismissed: int | None = None
    cap_person: int | None = None
    cap_person_days: int = 365
    cap_account: int | None = None
    cap_account_days: int = 30
    cap_household: int | None = None
    cap_household_days: int = 90
    needs_basis: bool = False
    priority_days: int = 14
    quiet_from: Clock = time(20)
    quiet_until: Clock = time(8)


class ExceptionIn(Strict):
    """The rules that do not hold for a survey, with the reason, until a day."""

    rules: dict[str, int | bool | None] = Field(examples=[{"rest_invited": 7}])
    reason: str = Field(max_length=300)
    until: date | None = None


class ExceptionOut(Schema):
    """An exception to the contact policy."""

    id: int
    survey: str
    rules: dict[str, Any]
    reason: str
    until: date | None
    created_at: datetime
    ended_at: datetime | None


class ExceptionList(Schema):
    """The exceptions there were, newest first."""

    items: list[ExceptionOut]


@router.get("/contact-policy", response=answers(PolicyOut), summary="The contact policy")
def get_contact_policy(request: HttpRequest, response: HttpResponse) -> Any:
    viewer(request).must(Can.SEE_SCORES)
    policy = policies.contact_policy()
    tag = etag("contact policy", policy.number)
    if (same := not_modified(request, tag)) is not None:
        return same
    tagged(response, tag)
    return PolicyOut.from_orm(policy)


@router.patch("/contact-policy", response=answers(PolicyOut), summary="Change the contact policy")
def change_contact_policy(
    request: HttpRequest, response: HttpResponse, payload: PolicyIn
) -> PolicyOut:
    """Make the next version of the policy, which counts from now on."""
    asking = viewer(request)
    asking.must(Can.SEND)
    must_match(request, etag("contact policy", policies.contact_policy().number))
    made: ContactPolicy = actions.set_policy(payload.dict(exclude_unset=True), by=asking, at=now())
    tagged(response, etag("contact policy", made.number))
    return PolicyOut.from_orm(made)


@router.get("/policy-exceptions", response=answers(ExceptionList), summary="Exceptions")
def list_policy_exceptions(request: HttpRequest) -> ExceptionList:
    found = policies.exceptions(viewer=viewer(request))[:200]
    return ExceptionList(items=[_exception(one) for one in found])


@router.post(
    "/surveys/{key}/policy-exception",
    response=answers(ExceptionOut, 201),
    summary="Except a survey",
)
def except_survey(request: HttpRequest, key: Key, payload: ExceptionIn) -> Status[ExceptionOut]:
    """Let a survey ask in spite of some rules; it takes the place of its exception before."""
    asking = viewer(request)
    asking.must(Can.SEND)
    made = actions.except_survey(
        surveys.survey(key, viewer=asking),
        rules=payload.rules,
        reason=payload.reason,
        until=payload.until,
        by=asking,
        at=now(),
    )
    return Status(201, _exception(made))


@router.post(
    "/policy-exceptions/{id}/end", response=answers(ExceptionOut), summary="End an exception"
)
def end_policy_exception(request: HttpRequest, id: Id) -> ExceptionOut:
    asking = viewer(request)
    asking.must(Can.SEND)
    found = policies.exceptions(viewer=asking).filter(pk=id).first()
    if found is None:
        raise NotFound("There is no such exception.")
    return _exception(actions.end_exception(found, by=asking, at=now()))


def _exception(one: PolicyException) -> ExceptionOut:
    return ExceptionOut(
        id=one.pk,
        survey=one.survey.key,
        rules=one.rules,
        reason=one.reason,
        until=one.until,
        created_at=one.created_at,
        ended_at=one.ended_at,
    )
