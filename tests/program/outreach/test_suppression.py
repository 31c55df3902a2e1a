"""Who is held back is counted by reason, and how far that can move a score is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from promontory.measurement import Tally
from promontory.measurement.sampling import suppression_bounds
from promontory.program.customers.models import Hold
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions import NewPlan, drawing, make_plan, plan_wave, start_draw
from promontory.program.outreach.codes import Disposition as D
from promontory.program.outreach.queries import standing, suppression

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_holds_of_a_period_and_their_bound(survey: Any) -> None:
    people = make_contacts(20)
    make_contacts(5, closed=1)
    for pk in people[:4]:
        Hold.objects.create(contact_id=pk, reason="complaint", source="staff", starts_at=NOW,
                            placed_at=NOW, placed_by="t")  # fmt: skip
    plan = make_plan(survey, NewPlan("P", is_census=True), by=SYSTEM, at=NOW)
    wave = plan_wave(plan, by=SYSTEM, at=NOW)
    start_draw(wave, by=SYSTEM, at=NOW)
    drawing.draw_wave(wave.pk, at=NOW)
    found = suppression(survey, NOW - DAY, NOW + DAY)
    assert found.held == {int(D.HELD_HOLD): 4, int(D.HELD_OPTED_OUT): 5}
    assert (found.eligible, found.bad_moments, found.share, found.waves) == (16, 4, 0.16, 1)
    bounds = suppression_bounds(Tally({10: 8, 0: 2}), held=4, asked=16 + 5)
    assert (bounds.worst, bounds.score, bounds.best) == pytest.approx((34.4, 60, 66.4))
    wave.refresh_from_db()
    said = standing(wave).suppressed()
    assert said.startswith("4 were held back for a bad moment, 16.0%")
    assert "within 32.0 points" in said


def test_without_a_wave_there_is_no_share_and_not_zero(survey: Any) -> None:
    found = suppression(survey, NOW - DAY, NOW + DAY)
    assert (found.share, found.waves) == (None, 0)
