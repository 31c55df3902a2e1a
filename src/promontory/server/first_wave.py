"""The first wave: a plan with sensible defaults, its dry run, and the drawing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promontory.errors import NotFound, Refusal
from promontory.jobs import queries as jobs
from promontory.jobs.models import State
from promontory.program.organization.access import Can
from promontory.program.organization.doors import viewer
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.codes import WaveState
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries import waves
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.models import Survey
from promontory.server.steps import FIRST_WAVE

ASSUMED_RATE = 0.2
"""What share is taken to answer, as long as no wave of ours has shown it."""


@login_required
def first_wave(request: HttpRequest) -> HttpResponse:
    """Offer to prepare a wave of a survey; asked to, plan it and have it tried out."""
    asking = viewer(request)
    asking.must(Can.SEND)
    there = surveys.surveys(viewer=asking).filter(
        closed_at=None, versions__published_at__isnull=False
    )
    offered = list(there.distinct().order_by("pk")[:100])
    context: dict[str, Any] = {
        "surveys": [(survey.key, survey.name) for survey in offered],
        "people": FIRST_WAVE,
    }
    if request.method == "POST" and offered:
        survey = surveys.survey(request.POST.get("survey", ""), viewer=asking)
        try:
            wave = _prepared(survey, request)
        except Refusal as refusal:
            return render(
                request, "first_steps/wave_new.html", context | {"refusal": refusal}, status=422
            )
        return redirect("first-wave-one", pk=wave.pk)
    return render(request, "first_steps/wave_new.html", context)


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the dry run of a wave that is not drawn yet; asked by htmx, only what changes."""
    wave = waves.wave(pk, viewer=viewer(request))
    part = request.htmx  # type: ignore[attr-defined]
    name = "first_steps/wave_part.html" if part else "first_steps/wave.html"
    return render(request, name, _context(wave, request))


@login_required
@require_POST
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the wave drawn, or its dry run worked out anew."""
    asking, at = viewer(request), timezone.now()
    wave = waves.wave(pk, viewer=asking)
    try:
        if request.POST.get("do") == "try":
            outreach.start_dry_run(wave, by=asking, at=at)
        else:
            outreach.start_draw(wave, by=asking, at=at)
    except Refusal as refusal:
        context = _context(wave, request) | {"refusal": refusal}
        return render(request, "first_steps/wave.html", context, status=refusal.status)
    return redirect("first-wave-one", pk=pk)


@transaction.atomic
def _prepared(survey: Survey, request: HttpRequest) -> Wave:
    asking, at = viewer(request), timezone.now()
    plan = outreach.make_plan(
        survey,
        outreach.NewPlan(
            name=f"{survey.name}: the first {FIRST_WAVE}",
            channels=("email",),
            size=FIRST_WAVE,
            expected_rate=ASSUMED_RATE,
            reminder_days=(7,),
        ),
        by=asking,
        at=at,
    )
    wave = outreach.plan_wave(plan, name=plan.name, by=asking, at=at)
    return outreach.start_dry_run(wave, by=asking, at=at)


def _context(wave: Wave, request: HttpRequest) -> dict[str, Any]:
    tried = wave.dry_run
    is_draft = wave.state == WaveState.DRAFT
    problem = wave.problem or tried.get("problem", "")
    working = wave.state == WaveState.DRAWING or (is_draft and not tried and not problem)
    return {
        "wave": wave,
        "tried": tried,
        "words": tried.get("words", []),
        "problem": problem,
        "is_working": working and not _is_dead(wave),
        "is_dead": working and _is_dead(wave),
        "may_send": viewer(request).may(Can.SEND),
    }


def _is_dead(wave: Wave) -> bool:
    try:
        return jobs.get(int(wave.job or 0)).state in (State.DEAD, State.CANCELLED)
    except NotFound:
        return False
