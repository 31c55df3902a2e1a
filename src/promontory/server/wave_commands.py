"""`promontory waves …`: what the pages of waves do, from a shell or a script."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from promontory.errors import Conflict
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach import actions
from promontory.program.outreach.actions import sending
from promontory.program.outreach.codes import LABELS, Disposition, WaveState
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries import waves
from promontory.program.surveys import queries as surveys
from promontory.server.handover import work_until

_LISTED = 50


def run(options: argparse.Namespace) -> int:
    """Do one thing with waves; return 0, or 1 where a drawing was refused."""
    if options.verb == "list":
        return _list(options)
    if options.verb == "plan":
        return _plan(options)
    wave = waves.wave(options.wave, viewer=SYSTEM)
    return _VERBS[options.verb](wave, options)


def _list(options: argparse.Namespace) -> int:
    found = waves.standings(list(waves.waves(viewer=SYSTEM)[:_LISTED]))
    if options.json:
        print(json.dumps([_as_json(each) for each in found], indent=1))
    else:
        for each in found:
            print(f"{each.wave.pk:>5}  {each.wave.state:<10} {each.wave.name}")
            print(f"       {each.sentence}")
        if not found:
            print("There is no wave yet; plan one with: promontory waves plan SURVEY --size 200")
    return 0


def _plan(options: argparse.Namespace) -> int:
    survey, at = surveys.survey(options.survey, viewer=SYSTEM), timezone.now()
    new = actions.NewPlan(
        name=options.name or survey.name,
        channels=options.channel or ("email",),
        strata=options.strata,
        size=options.size,
        is_census=options.size is None,
        expected_rate=options.rate,
        open_days=options.open_days,
    )
    with transaction.atomic():
        plan = actions.make_plan(survey, new, by=SYSTEM, at=at)
        wave = actions.plan_wave(plan, name=options.name, by=SYSTEM, at=at)
    if not options.json:
        print(f"Wave {wave.pk} is planned; nobody has been asked.")
    return _dry_run(wave, options)


def _show(wave: Wave, options: argparse.Namespace) -> int:
    standing = waves.standing(wave)
    if options.json:
        print(json.dumps(_as_json(standing), indent=1))
        return 0
    print(f"{wave.name}: {wave.state}")
    print(standing.sentence)
    for label, count, share in standing.rows():
        print(f"  {label:<40} {count:>10,} {share:>7.1%}")
    for stratum in waves.strata(wave):
        print(f"  {stratum.label}: {stratum.drawn:,} drawn of {stratum.eligible:,} eligible")
    if wave.problem:
        print(wave.problem)
    return 0


def _dry_run(wave: Wave, options: argparse.Namespace) -> int:
    actions.start_dry_run(wave, by=SYSTEM, at=timezone.now())
    _until(wave, lambda: bool(wave.dry_run) or wave.state != WaveState.DRAFT)
    if options.json:
        print(json.dumps({"wave": wave.pk, "dry_run": wave.dry_run}, indent=1))
    elif "problem" not in wave.dry_run:
        for words in wave.dry_run["words"]:
            print(f"  {words}")
    if problem := wave.dry_run.get("problem"):
        raise Conflict(problem)
    return 0


def _draw(wave: Wave, options: argparse.Namespace) -> int:
    actions.start_draw(wave, by=SYSTEM, at=timezone.now())
    _until(wave, lambda: wave.state != WaveState.DRAWING)
    if wave.problem:
        raise Conflict(wave.problem)
    return _show(wave, options)


def _start(wave: Wave, options: argparse.Namespace) -> int:
    at = timezone.now()
    ends = at + timedelta(hours=options.hours) if options.hours else None
    return _done(sending.start_wave(wave, ends_at=ends, by=SYSTEM, at=at), options)


def _pause(wave: Wave, options: argparse.Namespace) -> int:
    return _done(sending.pause_wave(wave, by=SYSTEM, at=timezone.now()), options)


def _resume(wave: Wave, options: argparse.Namespace) -> int:
    return _done(sending.resume_wave(wave, by=SYSTEM, at=timezone.now()), options)


def _cancel(wave: Wave, options: argparse.Namespace) -> int:
    is_early = wave.state in {WaveState.DRAFT, WaveState.DRAWING}
    cancel = actions.cancel_draw if is_early else sending.cancel_sending
    return _done(cancel(wave, by=SYSTEM, at=timezone.now()), options)


_VERBS: dict[str, Callable[[Wave, argparse.Namespace], int]] = {
    "show": _show,
    "dry-run": _dry_run,
    "draw": _draw,
    "start": _start,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}
_NOW = {
    WaveState.SENDING: "is on its way; the running server sends it",
    WaveState.PAUSED: "is paused; nothing goes out",
    WaveState.CANCELLED: "is cancelled; who was asked already may still answer",
}


def _done(wave: Wave, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"wave": wave.pk, "state": wave.state}))
    else:
        print(f"“{wave.name}” {_NOW[WaveState(wave.state)]}.")
    return 0


def _until(wave: Wave, is_over: Callable[[], bool]) -> None:
    def look() -> bool:
        wave.refresh_from_db()
        return is_over()

    work_until(look)


def _as_json(standing: waves.Standing) -> dict[str, Any]:
    wave, rate = standing.wave, standing.complete
    return {
        "wave": wave.pk,
        "name": wave.name,
        "survey": wave.survey.key,
        "state": wave.state,
        "frame": standing.reconciled.frame,
        "unaccounted": standing.reconciled.difference,
        "dispositions": {
            LABELS[Disposition(code)] if code else "Not decided yet": n
            for code, n in sorted(standing.reconciled.counts.items())
        },
        "response_rate": {
            "value": rate.value, "low": rate.low, "high": rate.high, "asked": rate.asked,
        },
    }  # fmt: skip
