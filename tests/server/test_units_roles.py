"""A role in a unit opens that unit, and nothing of the whole organisation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from promontory.program.organization import actions, queries
from promontory.program.organization.access import ROLES, SYSTEM, WHOLE, Can
from promontory.program.organization.models import OrgUnit, User
from promontory.program.surveys.models import Survey
from tests.server.callers import Caller, caller, person_of, problem
from tests.server.test_api_permissions import OPERATIONS, methods

pytestmark = pytest.mark.django_db
FILE = b"id,date,score\na1,2026-03-01T10:00:00Z,9\n"


@pytest.fixture
def north() -> OrgUnit:
    at = timezone.now()
    actions.found_organization(name="Test", zone="UTC", by=SYSTEM, at=at)
    return actions.add_unit(key="north", name="North", by=SYSTEM, at=at)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_in_a_unit_brings_nothing_of_the_whole_organisation(north: OrgUnit, role: str):
    found = queries.viewer_of(person_of(role, north))
    assert found.units == {north.pk}
    assert found.can == ROLES[role][1] - WHOLE


def test_a_role_in_a_unit_widens_no_role_that_holds_everywhere(north: OrgUnit):
    person: User = person_of("executive")
    actions.give_role(person, role="frontline", unit=north, by=SYSTEM, at=timezone.now())
    found = queries.viewer_of(person)
    assert (found.units, found.can) == (None, ROLES["executive"][1])


def test_the_administrator_of_a_unit_makes_nobody_administrator(north: OrgUnit):
    person = person_of("administrator", north)
    asking = queries.viewer_of(person)
    at = timezone.now()
    _, secret = actions.make_key(name="k", scopes=[Can.SEE_SCORES], by=asking, at=at)
    refused = Caller(secret).post(f"/people/{person.pk}/roles", {"role": "administrator"})
    assert problem(refused) == (403, "not-allowed")
    client = Client()
    client.force_login(person)
    assert client.get("/settings/people").status_code == 403


def test_a_file_is_for_those_who_serve_the_whole_organisation(
    company: Any, north: OrgUnit, settings: Any, tmp_path: Any
):
    theirs = caller("analyst").upload(FILE, survey=Survey.objects.get().key).json()
    unit = caller("analyst", north)
    assert unit.get("/imports").json()["items"] == []
    for path in (f"/imports/{theirs['id']}", f"/imports/{theirs['id']}/rejected.csv"):
        assert problem(unit.get(path)) == (404, "not-found")
    assert problem(unit.upload(FILE)) == (403, "not-allowed")


def test_work_that_never_began_is_not_tried_again(company: Any):
    made = caller("analyst").upload(FILE).json()
    client = Client()
    client.force_login(person_of("analyst"))
    answer = client.post(f"/imports/{made['id']}/again", follow=True)
    assert "has no work to be tried again" in answer.content.decode()
    assert problem(caller("analyst").post(f"/imports/{made['id']}/retry")) == (409, "conflict")


def test_the_directory_of_customers_opens_for_no_role_in_a_unit(company: Any, north: OrgUnit):
    of_unit, how = caller("frontline", north), methods()
    directory = ("/contacts", "/holds", "/contact-imports", "/waves/999/invitations")
    asked = {
        name: (path, body)
        for name, (_, path, body) in OPERATIONS.items()
        if path.startswith(directory) and body != "a file"
    }
    assert len(asked) > 15
    for name, (path, body) in asked.items():
        answer = of_unit.send(how[name], path, body)
        assert problem(answer) == (403, "not-allowed"), name
    assert "belongs to the whole organisation" in of_unit.get("/holds").json()["detail"]


def test_the_pages_of_customers_open_for_no_role_in_a_unit(company: Any, north: OrgUnit):
    client = Client()
    client.force_login(person_of("frontline", north))
    pages = ("customers", "customers/999", "customers/holds", "customers/accounts/999")
    for address in pages:
        assert client.get(f"/{address}").status_code == 403, address
    assert 'href="/customers"' not in client.get("/").content.decode()
    client.force_login(person_of("frontline"))
    assert 'href="/customers"' in client.get("/").content.decode()
