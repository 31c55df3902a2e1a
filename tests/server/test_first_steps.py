"""The first steps say what is next, to each in the words of their role, and only what is true."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.program.customers.actions import ContactFields, upsert_contacts
from promontory.program.organization import actions as organization
from promontory.program.organization.access import ROLES, SYSTEM
from promontory.program.outreach.models import ContactPolicy, Invitation, Wave
from promontory.program.scores.actions import ensure_default_method
from promontory.program.surveys.actions import create_survey, start_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun() -> None:
    at = timezone.now()
    organization.found_organization(name="Acme", zone="UTC", by=SYSTEM, at=at)
    ensure_default_method(by=SYSTEM, at=at)


def somebody(role: str) -> Client:
    person, _ = organization.add_person(
        email=f"{role}@example.org", name=role, role=role, by=SYSTEM, at=timezone.now()
    )
    client = Client()
    client.force_login(person)
    return client


def people(count: int) -> None:
    said = [ContactFields(email=f"p{n}@example.org", name=f"P {n}") for n in range(count)]
    upsert_contacts(said, by=SYSTEM, at=timezone.now())


def page(client: Client) -> str:
    found = client.get("/first-steps")
    assert found.status_code == 200
    return found.content.decode()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_sees_where_things_stand_and_only_its_own_buttons(begun: None, role: str):
    client = somebody(role)
    said = page(client)
    may_draft = "Draft it" in said
    assert may_draft == (role in {"administrator", "owner"})
    assert ("Next: choose what to ask." in said) == may_draft
    assert ("Next, by somebody who may: choose what to ask." in said) != may_draft
    assert ("Keep these rules" in said) == may_draft


def test_a_draft_is_no_survey_yet_and_a_published_one_is(begun: None) -> None:
    client = somebody("owner")
    start_programme("relationship", by=SYSTEM, at=timezone.now())
    assert "Next: publish “Relationship”." in page(client)
    create_survey(name="Another", promise="identified", by=SYSTEM, at=timezone.now())
    assert "Next: bring in your customers." in page(client)
    people(1)
    assert "Next: decide how seldom anybody is asked." in page(client)


def test_rules_are_kept_once_and_only_by_those_who_may(begun: None) -> None:
    assert somebody("analyst").post("/first-steps/policy").status_code == 403
    owner = somebody("owner")
    for _ in range(2):
        assert owner.post("/first-steps/policy").status_code == 302
    assert ContactPolicy.objects.count() == 1


def test_the_first_wave_is_tried_out_then_drawn(begun: None) -> None:
    create_survey(name="Relationship", promise="identified", by=SYSTEM, at=timezone.now())
    people(230)
    client = somebody("owner")
    made = client.post("/first-steps/wave", {"survey": "relationship"})
    assert "Trying it out" in client.get(made["Location"]).content.decode()
    drain(at=timezone.now())
    assert not Invitation.objects.exists(), "a dry run asks nobody"
    assert "Draw these 200" in client.get(made["Location"]).content.decode()
    client.post(f"{made['Location']}/decide", {"do": "draw"})
    drain(at=timezone.now())
    assert Invitation.objects.count() == 200
    assert "/sending" in client.get(made["Location"]).content.decode()
    again = client.post(f"{made['Location']}/decide", {"do": "draw"})
    assert (again.status_code, Invitation.objects.count()) == (409, 200)
    assert "only a draft can be drawn" in again.content.decode()


def test_with_fewer_people_all_of_them_are_asked(begun: None) -> None:
    create_survey(name="Relationship", promise="identified", by=SYSTEM, at=timezone.now())
    people(7)
    client = somebody("owner")
    made: Any = client.post("/first-steps/wave", {"survey": "relationship"})
    drain(at=timezone.now())
    assert "Draw these 7" in client.get(made["Location"]).content.decode()


def test_there_is_no_wave_without_a_published_survey_or_for_those_who_may_not(begun: None) -> None:
    start_programme("relationship", by=SYSTEM, at=timezone.now())
    owner = somebody("owner")
    assert "published and open" in owner.get("/first-steps/wave").content.decode()
    owner.post("/first-steps/wave", {"survey": "relationship"})
    assert somebody("frontline").post("/first-steps/wave").status_code == 403
    assert not Wave.objects.exists()
