"""Planning a wave: whom it is drawn from, how many, and by which channels."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from promontory.errors import BadInput, Conflict, NotFound, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.actions.working import later
from promontory.program.outreach.codes import AUTO, WaveKind, WaveState
from promontory.program.outreach.models import SamplingPlan, Wave
from promontory.program.outreach.queries import frame as frames
from promontory.program.outreach.queries.choosing import decided
from promontory.program.outreach.queries.policies import kept_policy
from promontory.program.outreach.rules.choosing import usual_of
from promontory.program.outreach.rules.drawing import ALLOCATIONS
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.models import Survey

MOST_REMINDERS = 3


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A sampling plan to be, as `SamplingPlan` keeps it."""

    name: str
    channels: Sequence[str] = ("email",)
    frame: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strata: Sequence[str] = ()
    allocation: str = "proportional"
    is_census: bool = False
    size: int | None = None
    half_width: float | None = None
    minimum_per_stratum: int = 0
    expected_rate: float | None = None
    reminder_days: Sequence[int] = ()
    open_days: int = 30


@transaction.atomic
def make_plan(survey: Survey, new: NewPlan, *, by: Viewer, at: datetime) -> SamplingPlan:
    """Make a sampling plan of a survey; what a wave was drawn under is kept with the wave."""
    by.must(Can.SEND)
    _check(new)
    frames.ways_wanted(usual_of(new.channels) if AUTO in new.channels else new.channels)
    frames.dimensions(new.strata)
    frames.filter_codes(new.frame)
    plan = SamplingPlan.objects.create(
        survey=survey,
        name=new.name.strip()[:200] or survey.name,
        frame={key: list(labels) for key, labels in new.frame.items()},
        strata=list(new.strata),
        allocation=new.allocation,
        is_census=new.is_census,
        size=new.size,
        half_width=new.half_width,
        minimum_per_stratum=new.minimum_per_stratum,
        expected_rate=new.expected_rate,
        channels=list(new.channels),
        reminder_days=sorted(new.reminder_days),
        open_days=new.open_days,
        created_at=at,
        created_by=by.by[:64],
    )
    audit("make plan", plan, by=by, at=at, detail=kept_plan(plan))
    return plan


@transaction.atomic
def plan_wave(
    plan: SamplingPlan,
    *,
    name: str = "",
    starts_at: datetime | None = None,
    is_test: bool = False,
    by: Viewer,
    at: datetime,
) -> Wave:
    """Plan a wave: it has its seed now, so that its dry run draws whom the drawing will draw."""
    by.must(Can.SEND)
    if plan.survey.closed_at is not None:
        raise Conflict(f"“{plan.survey}” is closed and asks nobody.", remedy="Open it again first.")
    wave = Wave.objects.create(
        survey=plan.survey,
        plan=plan,
        kind=WaveKind.DRAWN,
        name=name.strip()[:200] or f"{plan.name}, {at.date().isoformat()}",
        seed=secrets.randbits(63),
        is_test=is_test,
        starts_at=starts_at,
        created_at=at,
        created_by=by.by[:64],
    )
    audit("plan wave", wave, by=by, at=at, detail={"plan": plan.pk, "seed": wave.seed})
    return wave


@transaction.atomic
def start_dry_run(wave: Wave, *, by: Viewer, at: datetime) -> Wave:
    """Have it worked out in the background what drawing this wave now would give."""
    by.must(Can.SEND)
    held = held_wave(wave.pk)
    if held.state != WaveState.DRAFT:
        raise Conflict(f"“{held}” is {held.state}; only a draft is tried out.")
    held.job, held.problem, held.dry_run = "", "", {}
    held.save(update_fields=["job", "problem", "dry_run"])
    held.job = later("try_wave", at=at, wave=held.pk)
    held.save(update_fields=["job"])
    return held


@transaction.atomic
def start_draw(wave: Wave, *, by: Viewer, at: datetime) -> Wave:
    """Have a wave drawn in the background, by the plan and the policy as they are now."""
    by.must(Can.SEND)
    held = held_wave(wave.pk)
    if held.state != WaveState.DRAFT or held.plan is None:
        raise Conflict(f"“{held}” is {held.state}; only a draft can be drawn.")
    if held.survey.closed_at is not None:
        raise Conflict(f"“{held.survey}” is closed and asks nobody.")
    held.version = surveys.current_version(held.survey)
    held.plan_kept, held.policy_kept = kept_plan(held.plan), kept_policy(held.survey, at)
    held.state, held.problem, held.drawn_at = WaveState.DRAWING, "", at
    held.job = later("draw_wave", at=at, wave=held.pk)
    held.save()
    detail = {"seed": held.seed, "plan": held.plan_kept, "policy": held.policy_kept}
    audit("draw", held, by=by, at=at, detail=detail)
    return held


@transaction.atomic
def cancel_draw(wave: Wave, *, by: Viewer, at: datetime) -> Wave:
    """Give up a wave before it is drawn to the end; nobody of it is asked."""
    by.must(Can.SEND)
    held = held_wave(wave.pk)
    if held.state not in {WaveState.DRAFT, WaveState.DRAWING}:
        raise Conflict(f"“{held}” is {held.state}.", remedy="Cancel its sending instead.")
    held.state = WaveState.CANCELLED
    held.save(update_fields=["state"])
    later("sweep_cancelled", at=at, wave=held.pk)
    audit("cancel draw", held, by=by, at=at)
    return held


def held_wave(pk: int) -> Wave:
    """Return a wave, held until the present transaction ends."""
    found = Wave.objects.select_for_update(of=("self",)).select_related("plan", "survey")
    wave = found.filter(pk=pk).first()
    if wave is None:
        raise NotFound("There is no such wave.")
    return wave


def kept_plan(plan: SamplingPlan) -> dict[str, Any]:
    """Return a plan as a wave keeps it."""
    names = (
        "name", "frame", "strata", "allocation", "is_census", "size", "half_width",
        "minimum_per_stratum", "expected_rate", "channels", "reminder_days", "open_days",
    )  # fmt: skip
    kept = {"id": plan.pk, **{name: getattr(plan, name) for name in names}}
    if AUTO in plan.channels:
        # What was decided for each segment, as it is now: the wave keeps what it was drawn by.
        kept["choices"] = [[dict(segment), list(used)] for segment, used in decided(plan.survey)]
    return kept


def _check(new: NewPlan) -> None:
    def refuse(field: str, words: str) -> None:
        raise BadInput(words, place=Place(field=field))

    if new.allocation not in ALLOCATIONS:
        refuse("allocation", f"There is no allocation “{new.allocation}”.")
    if not new.is_census and new.size is None and new.half_width is None:
        refuse("size", "Say how many to invite, how precise it is to be, or ask everybody.")
    if new.size is not None and not 1 <= new.size <= 10**9:
        refuse("size", "Invite one person or more.")
    if new.half_width is not None and not new.half_width > 0:
        refuse("half_width", "The wanted precision is above zero points.")
    if new.expected_rate is not None and not 0 < new.expected_rate <= 1:
        refuse("expected_rate", "The response rate is a share between 0 and 1.")
    if new.minimum_per_stratum < 0:
        refuse("minimum_per_stratum", "The minimum is zero or more.")
    if len(new.strata) > 4 or len(set(new.strata)) < len(new.strata):
        refuse("strata", "Use up to four different attributes.")
    days = list(new.reminder_days)
    if len(days) > MOST_REMINDERS or any(not 1 <= day <= 365 for day in days):
        refuse("reminder_days", f"Up to {MOST_REMINDERS} reminders, each after a day or more.")
    if len(set(days)) < len(days):
        refuse("reminder_days", "Two reminders cannot go out on the same day.")
    if not 1 <= new.open_days <= 365:
        refuse("open_days", "A wave stays open for 1 to 365 days.")
