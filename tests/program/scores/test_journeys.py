"""The journey map: what is covered, what is a gap, and the figure at each touchpoint."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from promontory.program.organization.access import SYSTEM
from promontory.program.scores.actions import ensure_default_method
from promontory.program.scores.queries.journeys import journey_map
from promontory.program.surveys import actions
from promontory.program.surveys.models import Touchpoint

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def owner(db: None) -> Any:
    from promontory.program.organization.actions import begin

    person = begin(
        organization="Test",
        zone="UTC",
        name="Olga",
        email="o@example.org",
        password="long enough to sign in",
        by=SYSTEM,
        at=AT,
    )
    ensure_default_method(by=SYSTEM, at=AT)
    return person


def test_touchpoints_that_nobody_asks_after_are_gaps_by_name(owner: Any) -> None:
    actions.start_programme("after-support", is_published=True, by=SYSTEM, at=AT)
    [way] = journey_map(SYSTEM, at=AT)
    assert [(stop.touchpoint.key, stop.is_gap) for stop in way.stops] == [
        ("request-opened", True),
        ("request-solved", False),
    ]
    assert way.sentence == ("1 of 2 touchpoints are asked after; nobody asks at “Request opened”.")


def test_a_closed_survey_covers_nothing(owner: Any) -> None:
    survey = actions.start_programme("after-support", is_published=True, by=SYSTEM, at=AT)
    actions.close_survey(survey, by=SYSTEM, at=AT)
    [way] = journey_map(SYSTEM, at=AT)
    assert way.gaps == 2


def test_the_map_is_changed_in_the_page(owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    assert "No journey yet" in client.get("/journeys").content.decode()
    client.post("/journeys/change", {"do": "journey", "name": "Order"})
    number = journey_map(SYSTEM, at=AT)[0].journey.pk
    client.post("/journeys/change", {"do": f"add:{number}", "name": "Invoice received"})
    touchpoint = Touchpoint.objects.get(key="invoice-received")
    client.post("/journeys/change", {"do": f"rename:{touchpoint.pk}", "name": "Invoice <b>"})
    page = client.get("/journeys").content.decode()
    assert "Invoice &lt;b&gt;" in page
    assert "nobody asks" in page
    client.post("/journeys/change", {"do": f"remove:{touchpoint.pk}"})
    assert not Touchpoint.objects.exists()


def test_programs_read_the_map(owner: Any) -> None:
    actions.start_programme("after-delivery", is_published=True, by=SYSTEM, at=AT)
    client = Client()
    client.force_login(owner)
    [journey] = client.get("/api/v1/journey-map").json()["items"]
    assert [stop["key"] for stop in journey["touchpoints"]] == ["ordered", "delivered", "returned"]
    assert journey["touchpoints"][1]["asked"][0]["survey"] == "after-delivery"
