"""The pages of waves: the list, a new plan, one wave from its dry run to its last answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.errors import BadInput, Refusal
from promontory.jobs import queries as job_queries
from promontory.jobs.models import Job
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach import actions
from promontory.program.outreach.codes import WaveState
from promontory.program.outreach.forms.planning import PlanForm
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries import waves as queries
from promontory.program.outreach.queries.waves import Standing
from promontory.program.outreach.views.pictures import WIDTH, bar
from promontory.program.surveys import queries as surveys

_A_PAGE = 20
MOST_STRATA = 200
STATES = {
    WaveState.DRAFT: ("draft", "incomplete"),
    WaveState.DRAWING: ("being drawn", "info"),
    WaveState.DRAWN: ("drawn", "ok"),
    WaveState.SENDING: ("sending", "info"),
    WaveState.PAUSED: ("paused", "warn"),
    WaveState.SENT: ("sent", "ok"),
    WaveState.CLOSED: ("closed", "skipped"),
    WaveState.CANCELLED: ("cancelled", "refused"),
}


@login_required
def waves(request: HttpRequest) -> HttpResponse:
    """Show every wave with what became of its frame."""
    asking = viewer(request)
    found = queries.waves(viewer=asking)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: _A_PAGE + 1])
    shown = queries.standings(rows[:_A_PAGE])
    context = {
        "waves": [(one, *STATES[WaveState(one.wave.state)]) for one in shown],
        "before": before,
        "older": rows[_A_PAGE - 1].pk if len(rows) > _A_PAGE else None,
        "may_send": asking.may(Can.SEND),
        "has_surveys": surveys.surveys(viewer=asking).exists(),
    }
    return render(request, "outreach/waves.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Plan a wave; it is tried out at once, and nobody is asked by that."""
    asking = viewer(request)
    asking.must(Can.SEND)
    form = PlanForm(request.POST or None, surveys=surveys.surveys(viewer=asking))
    if request.method == "POST" and form.is_valid():
        at = now()
        try:
            plan = actions.make_plan(form.cleaned_data["survey"], form.plan(), by=asking, at=at)
            wave = actions.plan_wave(
                plan, name=plan.name, is_test=form.cleaned_data["is_test"], by=asking, at=at
            )
            actions.start_dry_run(wave, by=asking, at=at)
        except BadInput as refusal:
            form.refuse(refusal)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("outreach:wave", pk=wave.pk)
    return render(request, "outreach/plan.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one wave; asked by htmx while work is under way, only the part that changes."""
    asking = viewer(request)
    wave = queries.wave(pk, viewer=asking)
    job = _job(wave)
    is_working = _is_working(wave, job)
    context: dict[str, Any] = {
        "wave": wave,
        "state": STATES[WaveState(wave.state)],
        "job": job,
        "is_working": is_working,
        "is_dead": bool(job and job.state == "dead"),
        "may_send": asking.may(Can.SEND),
    }
    if request.htmx and is_working:  # type: ignore[attr-defined]
        return render(request, "outreach/wave_work.html", context)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Refresh": "true"})
    standing = queries.standing(wave)
    context |= {
        "standing": standing,
        "parts": bar([(c, n) for c, n in standing.reconciled.counts.items() if n]),
        "width": WIDTH,
        "rows": standing.rows(),
        "rates": _rates(standing),
        "suppressed": standing.suppressed(),
        "strata": [
            (one, one.drawn / one.eligible if one.eligible else None)
            for one in queries.strata(wave)[:MOST_STRATA]
        ],
        "tried": wave.dry_run,
        "tried_strata": wave.dry_run.get("strata", [])[:MOST_STRATA],
        "has_frame": wave.state not in {WaveState.DRAFT, WaveState.DRAWING},
    }
    return render(request, "outreach/wave.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a draft out again, draw it, or give it up."""
    asking = viewer(request)
    wave = queries.wave(pk, viewer=asking)
    match request.POST.get("do"):
        case "try":
            actions.start_dry_run(wave, by=asking, at=now())
        case "draw":
            actions.start_draw(wave, by=asking, at=now())
        case "give-up":
            actions.cancel_draw(wave, by=asking, at=now())
            messages.success(request, "Given up. Nobody was asked.")
        case _:
            raise BadInput("Nothing was chosen.", remedy="Use one of the buttons.")
    return redirect("outreach:wave", pk=pk)


def _job(wave: Wave) -> Job | None:
    return job_queries.get(int(wave.job)) if wave.job.isdecimal() else None


def _is_working(wave: Wave, job: Job | None) -> bool:
    if wave.state == WaveState.DRAWING:
        return True
    waiting = job is not None and job.state in ("ready", "running")
    return wave.state == WaveState.DRAFT and not wave.dry_run and waiting


def _rates(standing: Standing) -> list[tuple[str, str]]:
    """Return the response rates in words, each with its interval."""
    said = []
    for name, rate in (
        ("Complete answers (AAPOR RR1)", standing.complete),
        ("With partial answers (AAPOR RR2)", standing.with_partial),
    ):
        if rate.value is not None and rate.low is not None and rate.high is not None:
            words = (
                f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%}), "
                f"{rate.answered:,} of {rate.asked:,}"
            )
            said.append((name, words))
    return said
