"""The wave that the touchpoint events of a survey make in a day, and the invitations in it."""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from promontory.program.ledger.rules import day_of
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import audit
from promontory.program.organization.models import Organization
from promontory.program.outreach.actions.dispositions import clocks_touched
from promontory.program.outreach.codes import WEIGHT_ONE, WaveKind, WaveState
from promontory.program.outreach.models import Invitation, SamplingPlan, Wave
from promontory.program.outreach.queries.policies import kept_policy
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import Survey


def zone_of_house() -> ZoneInfo:
    """Return where the organisation's days end."""
    zone = Organization.objects.filter(pk=1).values_list("zone", flat=True).first()
    return ZoneInfo(zone or "UTC")


@transaction.atomic
def wave_of_day(survey: Survey, *, at: datetime) -> Wave:
    """Return the wave of a survey's events today, made now if there is none."""
    day = day_of(at, zone_of_house())
    there = Wave.objects.filter(kind=WaveKind.EVENT, survey=survey, day=day, is_test=False).first()
    if there is not None:
        return there
    plan = SamplingPlan.objects.filter(survey=survey).order_by("-pk").first()
    wave = Wave.objects.create(
        kind=WaveKind.EVENT,
        survey=survey,
        version=surveys.published_version(survey),
        day=day,
        name=f"{survey.name}, {at.astimezone(zone_of_house()).date().isoformat()}",
        state=WaveState.SENDING,
        seed=secrets.randbits(63),
        plan_kept={
            "reminder_days": plan.reminder_days if plan else [],
            "open_days": plan.open_days if plan else 30,
        },
        policy_kept=kept_policy(survey, at),
        drawn_at=at,
        created_at=at,
        created_by=SYSTEM.by,
    )
    audit("begin event wave", wave, by=SYSTEM, at=at, detail={"survey": survey.key, "day": day})
    return wave


def invite(
    wave: Wave,
    contact: int,
    channel: str,
    *,
    event: int = 0,
    weight: int = WEIGHT_ONE,
    at: datetime,
) -> Invitation:
    """Invite somebody within a wave of events, and set their clock; call it while reserving."""
    made = Invitation.objects.create(
        wave=wave,
        contact_id=contact,
        channel=CHANNELS[channel],
        event=event,
        weight=weight,
        due_at=at,
        changed_at=at,
    )
    clocks_touched([contact], invited=at)
    return made
