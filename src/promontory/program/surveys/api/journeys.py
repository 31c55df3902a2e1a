"""Journeys and touchpoints, changed by programs; the map with its scores is read elsewhere."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema, Status

from promontory.program.organization.access import Can
from promontory.program.organization.doors import Id, Name, Slug, Strict, answers, now, viewer
from promontory.program.surveys import actions, queries

router = Router(tags=["surveys"])


class NewJourney(Strict):
    """A journey to be."""

    name: Name


class NewTouchpoint(Strict):
    """A touchpoint to be; events name it by its key, made of the name where none is given."""

    name: Name
    key: Slug = ""


class Made(Schema):
    """What was made: its number, and for a touchpoint its key."""

    number: int
    key: str = ""


@router.post("/journeys", response=answers(Made, 201), summary="Begin a journey")
def create_journey(request: HttpRequest, payload: NewJourney) -> Status[Made]:
    made = actions.create_journey(name=payload.name, by=viewer(request), at=now())
    return Status(201, Made(number=made.pk))


@router.post(
    "/journeys/{number}/touchpoints", response=answers(Made, 201), summary="Add a touchpoint"
)
def add_touchpoint(request: HttpRequest, number: Id, payload: NewTouchpoint) -> Status[Made]:
    """Add it at the journey's end."""
    asking = viewer(request)
    asking.must(Can.MANAGE_SURVEYS)
    made = actions.add_touchpoint(
        queries.journey(number, viewer=asking),
        name=payload.name,
        key=payload.key,
        by=asking,
        at=now(),
    )
    return Status(201, Made(number=made.pk, key=made.key))
