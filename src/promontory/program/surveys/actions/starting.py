"""Start a ready programme: its journey, its touchpoint, and its survey as a draft to look at."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from promontory.errors import NotFound
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.models import User
from promontory.program.surveys.actions.journeys import add_touchpoint, create_journey
from promontory.program.surveys.actions.publishing import create_survey
from promontory.program.surveys.models import Journey, Survey, Touchpoint
from promontory.program.surveys.rules.programmes import PROGRAMMES


@transaction.atomic
def start_programme(
    key: str,
    *,
    brand: str = "",
    owner: User | None = None,
    is_published: bool = False,
    by: Viewer,
    at: datetime,
) -> Survey:
    """Make the survey of a ready programme, with its journey where there is none yet.

    Started a second time, it gets a number after its name.
    """
    by.must(Can.MANAGE_SURVEYS)
    if key not in PROGRAMMES:
        raise NotFound(
            f"There is no ready programme “{key}”.", remedy=f"Known: {', '.join(PROGRAMMES)}."
        )
    programme = PROGRAMMES[key]
    journey = Journey.objects.filter(name=programme.journey).first() or create_journey(
        name=programme.journey, by=by, at=at
    )
    for touchpoint, name in programme.touchpoints:
        if not Touchpoint.objects.filter(key=touchpoint).exists():
            add_touchpoint(journey, name=name, key=touchpoint, by=by, at=at)
    name, number = programme.name, 1
    while Survey.objects.filter(key=slugify(name)).exists():
        number += 1
        name = f"{programme.name} {number}"
    return create_survey(
        name=name,
        kind=programme.kind,
        promise=programme.promise,
        questions=programme.questions,
        touchpoint=Touchpoint.objects.filter(key=programme.touchpoint).first(),
        brand=brand,
        cadence_days=programme.cadence_days,
        delay_minutes=programme.delay_minutes,
        owner=owner,
        is_published=is_published,
        by=by,
        at=at,
    )
