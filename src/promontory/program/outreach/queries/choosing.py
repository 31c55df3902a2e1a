"""By which channel somebody is asked: the recorded decision, else the plan, else what there is."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from promontory.program.customers.codes import WAY_OF_CHANNEL
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.models import ChannelDecision, SamplingPlan
from promontory.program.outreach.rules.choosing import USUAL, Choices, Decided, usual_of
from promontory.program.outreach.rules.policy import Facts, usable
from promontory.program.surveys.models import Survey

MOST_DECISIONS = 200


def decisions(*, viewer: Viewer) -> QuerySet[ChannelDecision]:
    """Return every decision on channels, newest first."""
    viewer.must(Can.SEE_SCORES)
    return ChannelDecision.objects.select_related("survey").order_by("-pk")


def decided(survey: Survey) -> list[Decided]:
    """Return what holds for each segment of a survey, the newest decision first."""
    newest: dict[tuple[tuple[str, int], ...], Decided] = {}
    made = ChannelDecision.objects.filter(survey=survey).order_by("-pk")
    for one in made[:MOST_DECISIONS]:
        newest.setdefault(tuple(sorted(one.segment.items())), (one.segment, one.channels))
    return list(newest.values())


def choices(survey: Survey) -> Choices:
    """Return the channels of a survey by segment, read once for many contacts."""
    plan = SamplingPlan.objects.filter(survey=survey).order_by("-pk").first()
    return Choices(decided(survey), usual_of(plan.channels) if plan else USUAL)


def first_usable(channels: Sequence[str], facts: Facts) -> str | None:
    """Return the first of these channels by which somebody can be asked now."""
    ways = usable(facts)
    for channel in channels:
        way = WAY_OF_CHANNEL.get(channel)
        if way is None or ways & way:
            return channel
    return None
