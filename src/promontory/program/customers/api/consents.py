"""What customers say about being asked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import StringConstraints

from promontory.program.customers import actions, queries
from promontory.program.customers.api.routing import router
from promontory.program.customers.api.shapes import BasisName, WayName, mask_of, way_names
from promontory.program.customers.models import Consent
from promontory.program.organization.doors import Id, Strict, answers, now, viewer


class ConsentOut(Schema):
    """One thing said about being asked by some ways, and how it came to us."""

    id: int
    ways: list[str]
    is_given: bool
    basis: str
    source: str
    note: str
    at: datetime
    by: str


class ConsentList(Schema):
    """All that was said, oldest first: rows are only added."""

    items: list[ConsentOut]


class ConsentIn(Strict):
    """What a customer has said; consent counts only if it came after their last refusal."""

    ways: list[WayName] = Field(min_length=1, max_length=4)
    is_given: bool
    basis: BasisName = ""
    source: Literal["api", "staff"] = "api"
    given_at: datetime | None = Field(None, description="When it was said, if that was before now.")
    note: Annotated[str, StringConstraints(max_length=300)] = ""


def _out(consent: Consent) -> ConsentOut:
    return ConsentOut(
        ways=way_names(consent.ways),
        **{
            name: getattr(consent, name)
            for name in ("id", "is_given", "basis", "source", "note", "at", "by")
        },
    )


@router.get(
    "/contacts/{pk}/consents",
    tags=["contacts"],
    response=answers(ConsentList),
    summary="What a contact has said of being asked",
)
def list_consents(request: HttpRequest, pk: Id) -> ConsentList:
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    history = queries.consent_history(found, viewer=asking)[:1_000]
    return ConsentList(items=[_out(each) for each in history])


@router.post(
    "/contacts/{pk}/consents",
    tags=["contacts"],
    response=answers(ConsentOut, 201),
    summary="Write down what a contact has said",
)
def add_consent(request: HttpRequest, pk: Id, payload: ConsentIn) -> Status[ConsentOut]:
    """Close ways for good, or open them by a consent that came after the refusal."""
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    made = actions.say(
        found,
        mask_of(payload.ways),
        is_given=payload.is_given,
        basis=payload.basis,
        source=payload.source,
        note=payload.note,
        given_at=payload.given_at,
        by=asking,
        at=now(),
    )
    return Status(201, _out(made))
