"""Who may sign in, and in which role."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from promontory.errors import NotFound
from promontory.program.organization import actions, queries
from promontory.program.organization.doors import (
    Cursor,
    Id,
    Limit,
    Name,
    Strict,
    answers,
    now,
    page,
    viewer,
)
from promontory.program.organization.models import User

router = Router(tags=["people"])
RoleName = Literal["administrator", "owner", "analyst", "frontline", "executive", "auditor"]
UnitKey = Annotated[str, StringConstraints(max_length=100)]


class RoleOut(Schema):
    """One role of a person, in one unit with all below it or (no unit) everywhere."""

    id: int
    role: str
    unit: str | None


class PersonOut(Schema):
    """Somebody who may sign in."""

    id: int
    email: str
    name: str
    is_active: bool
    roles: list[RoleOut]


class PersonPage(Schema):
    """People, the newest first; `next` is the cursor of the page after it."""

    items: list[PersonOut]
    next: str | None


class RoleIn(Strict):
    """A role to give; without a unit it holds everywhere."""

    role: RoleName
    unit: UnitKey = Field("", description="The key of a unit; leave it out for all.")


class PersonIn(RoleIn):
    """Somebody to let in."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254)] = Field(
        examples=["ada@example.org"]
    )
    name: Name


class PersonMade(Schema):
    """Who was let in, and the password to hand over; it is shown this once."""

    person: PersonOut
    password: str


def _person(person: User) -> PersonOut:
    roles = [
        RoleOut(id=m.pk, role=m.role, unit=m.unit.key if m.unit else None)
        for m in person.memberships.all()
    ]
    return PersonOut(
        id=person.pk, email=person.email, name=person.name, is_active=person.is_active, roles=roles
    )


@router.get("/people", response=answers(PersonPage), summary="Who may sign in")
def list_people(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> PersonPage:
    found, following = page(queries.people(viewer=viewer(request)), cursor, limit)
    return PersonPage(items=[_person(person) for person in found], next=following)


@router.get("/people/{pk}", response=answers(PersonOut), summary="One person")
def get_person(request: HttpRequest, pk: Id) -> PersonOut:
    return _person(queries.person(pk, viewer=viewer(request)))


@router.post("/people", response=answers(PersonMade, 201), summary="Let somebody in")
def add_person(request: HttpRequest, payload: PersonIn) -> Status[PersonMade]:
    asking = viewer(request)
    queries.people(viewer=asking)
    unit = queries.unit(payload.unit, viewer=asking) if payload.unit else None
    with transaction.atomic():
        person, password = actions.add_person(
            email=payload.email,
            name=payload.name,
            role=payload.role,
            unit=unit,
            by=asking,
            at=now(),
        )
    made = _person(queries.person(person.pk, viewer=asking))
    return Status(201, PersonMade(person=made, password=password))


@router.post("/people/{pk}/roles", response=answers(PersonOut, 201), summary="Give a role")
def give_role(request: HttpRequest, pk: Id, payload: RoleIn) -> Status[PersonOut]:
    asking = viewer(request)
    person = queries.person(pk, viewer=asking)
    unit = queries.unit(payload.unit, viewer=asking) if payload.unit else None
    actions.give_role(person, role=payload.role, unit=unit, by=asking, at=now())
    return Status(201, _person(queries.person(pk, viewer=asking)))


@router.delete("/people/{pk}/roles/{role}", response=answers(None, 204), summary="Take a role")
def take_role(request: HttpRequest, pk: Id, role: Id) -> Status[None]:
    asking = viewer(request)
    membership = queries.membership(role, viewer=asking)
    if membership.user_id != pk:
        raise NotFound("This person has no such role.")
    actions.take_role(membership, by=asking, at=now())
    return Status(204, None)
