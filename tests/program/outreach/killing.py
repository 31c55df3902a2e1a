"""Draws a wave under a hail of kills; run within an installation of its own.

One process forks a worker, ends it with SIGKILL at a random moment, looks at what can be seen, and
forks the next, until the kills are used up and a worker comes to its end.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from functools import partial

from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import found_organization
from promontory.program.outreach import actions
from promontory.program.outreach.actions import drawing
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries.policies import policy_for
from promontory.program.outreach.queries.reconciling import reconcile
from promontory.program.surveys.actions import create_survey
from tests.program.outreach.conftest import NOW, make_contacts
from tests.program.responses.killing import forked, work

drawing.SLICE, drawing._MOST_ROWS = 200, 40


def prepare(people: int) -> None:
    found_organization(name="Killed", zone="UTC", by=SYSTEM, at=NOW)
    survey = create_survey(name="Relationship", promise="identified", by=SYSTEM, at=NOW)
    make_contacts(people)
    new = actions.NewPlan("P", size=people // 2)
    wave = actions.plan_wave(actions.make_plan(survey, new, by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    kept = drawing.kept_plan(wave.plan)
    plan = drawing._plan(wave, kept, NOW)
    frame, sample = drawing._drawn(wave, plan, kept, policy_for(survey, NOW), NOW)
    chosen = frame.ids[sample.disposition == int(Disposition.PLANNED)].tolist()
    print("chosen", json.dumps(chosen), flush=True)
    actions.start_draw(wave, by=SYSTEM, at=NOW)


def look() -> None:
    """At every moment everybody in the frame is accounted for."""
    wave = Wave.objects.get()
    found = reconcile(wave)
    assert found.difference == 0, found
    assert wave.invitations.count() == wave.written


def main(people: int, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    assert forked(partial(prepare, people)) == "done"
    at, killed = NOW, 0
    for n in range(kills):
        at += timedelta(minutes=10)
        ended = forked(partial(work, at), kill_after=rng.uniform(0.05, 0.3 + 0.15 * n))
        assert ended != "failed"
        assert forked(look) == "done"
        if ended == "done":
            break
        killed += 1
    assert forked(partial(work, at + timedelta(minutes=10))) == "done"
    assert forked(look) == "done"
    print("killed", killed)
