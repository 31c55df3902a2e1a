"""Journeys and their touchpoints: added, named and put in order without code."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from promontory.errors import BadInput, Conflict, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.surveys.models import Journey, Touchpoint


@transaction.atomic
def create_journey(*, name: str, by: Viewer, at: datetime) -> Journey:
    """Start a journey without touchpoints."""
    by.must(Can.MANAGE_SURVEYS)
    if not name.strip():
        raise BadInput("A journey needs a name.", place=Place(field="name"))
    journey, is_new = Journey.objects.get_or_create(name=name.strip())
    if not is_new:
        raise Conflict(f"There is a journey “{journey}” already.", remedy="Choose another name.")
    audit("create", journey, by=by, at=at, detail={"name": journey.name})
    return journey


@transaction.atomic
def add_touchpoint(
    journey: Journey, *, name: str, key: str = "", by: Viewer, at: datetime
) -> Touchpoint:
    """Add a touchpoint at the end of a journey; events name it by its key."""
    by.must(Can.MANAGE_SURVEYS)
    if not name.strip():
        raise BadInput("A touchpoint needs a name.", place=Place(field="name"))
    key = key or slugify(name)[:64]
    if not key:
        raise BadInput("Give the touchpoint a key in Latin letters.", place=Place(field="key"))
    last = journey.touchpoints.select_for_update().order_by("-position").first()
    try:
        with transaction.atomic():
            made = Touchpoint.objects.create(
                journey=journey,
                position=last.position + 1 if last else 1,
                key=key,
                name=name.strip(),
            )
    except IntegrityError:
        raise Conflict(
            f"There is a touchpoint “{key}” already.",
            remedy="Choose another key.",
        ) from None
    audit("create", made, by=by, at=at, detail={"key": key, "journey": journey.name})
    return made


@transaction.atomic
def rename_touchpoint(touchpoint: Touchpoint, *, name: str, by: Viewer, at: datetime) -> None:
    """Change what a touchpoint is called; its key, by which events name it, stays."""
    by.must(Can.MANAGE_SURVEYS)
    if not name.strip():
        raise BadInput("A touchpoint needs a name.", place=Place(field="name"))
    touchpoint.name = name.strip()
    touchpoint.save(update_fields=["name"])
    audit("rename", touchpoint, by=by, at=at, detail={"key": touchpoint.key})


@transaction.atomic
def move_touchpoint(touchpoint: Touchpoint, *, earlier: bool, by: Viewer, at: datetime) -> None:
    """Swap a touchpoint with the one before or after it; at the end it stays where it is."""
    by.must(Can.MANAGE_SURVEYS)
    order = list(touchpoint.journey.touchpoints.select_for_update().order_by("position"))
    place = next(n for n, each in enumerate(order) if each.pk == touchpoint.pk)
    other = place - 1 if earlier else place + 1
    if not 0 <= other < len(order):
        return
    one, two = order[place], order[other]
    free = max(each.position for each in order) + 1
    was, will = one.position, two.position
    for each, position in ((one, free), (two, was), (one, will)):
        each.position = position
        each.save(update_fields=["position"])
    audit("move", touchpoint, by=by, at=at, detail={"key": touchpoint.key, "position": will})


@transaction.atomic
def remove_touchpoint(touchpoint: Touchpoint, *, by: Viewer, at: datetime) -> None:
    """Take a touchpoint out of its journey; one that a survey covers, or that had events, stays."""
    by.must(Can.MANAGE_SURVEYS)
    try:
        with transaction.atomic():
            audit("remove", touchpoint, by=by, at=at, detail={"key": touchpoint.key})
            touchpoint.delete()
    except IntegrityError:
        raise Conflict(
            f"“{touchpoint}” is in use: a survey covers it, or it had events.",
            remedy="Take it out of the survey first.",
        ) from None
