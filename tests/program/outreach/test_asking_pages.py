"""The pages of waves, the policy and links, as those see them who may and who may not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from promontory.program.customers.models import Contact
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import add_person
from promontory.program.outreach.actions import NewPlan, drawing, make_plan, plan_wave, start_draw
from promontory.program.outreach.models import (
    ContactPolicy,
    OpenLink,
    PolicyException,
    SamplingPlan,
    Wave,
)
from promontory.program.surveys.models import Survey

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db

POLICY = {
    "rest_invited": "45", "rest_shown": "", "rest_answered": "90", "rest_dismissed": "90",
    "cap_person": "4", "cap_person_days": "365", "cap_account": "", "cap_account_days": "30",
    "cap_household": "1", "cap_household_days": "30", "priority_days": "14",
    "quiet_from": "20:00", "quiet_until": "08:00",
}  # fmt: skip


def signed_in(role: str) -> Client:
    person, _ = add_person(email=f"{role}@example.org", name=role, role=role, by=SYSTEM, at=NOW)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner(own_home: Any) -> Client:
    return signed_in("owner")


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def plan_of(survey: Survey, **more: str) -> dict[str, Any]:
    return {
        "survey": str(survey.pk), "name": "Autumn", "channels": ["email"], "how_many": "size",
        "size": "5", "allocation": "proportional", "minimum": "0", "open_days": "30",
        "expected_rate": "40", "reminders": "3, 7",
    } | more  # fmt: skip


def test_a_plan_becomes_a_wave_that_is_tried_out_and_drawn(owner: Client, survey: Survey) -> None:
    make_contacts(20)
    planned = owner.post("/outreach/plans/new", plan_of(survey))
    wave = Wave.objects.get()
    assert planned["Location"] == f"/outreach/waves/{wave.pk}"
    assert SamplingPlan.objects.get().reminder_days == [3, 7]
    assert "waiting for its turn" in said(owner.get(planned["Location"])).lower()
    drawing.try_out(wave.pk, at=NOW)
    tried = said(owner.get(planned["Location"]))
    assert "Of 20 people in the frame 20 may be asked now, and 5 of them would be invited." in tried
    assert owner.post(f"/outreach/waves/{wave.pk}/decide", {"do": "draw"}).status_code == 302
    drawing.draw_wave(wave.pk, at=NOW)
    drawn = said(owner.get(planned["Location"]))
    assert "Of 20 people 5 were drawn to be asked and 0 held back. Everybody is accounted" in drawn
    assert "Not drawn 15 75.0 %" in drawn
    assert "Everybody 20 20 5 0.2500" in drawn
    assert "to zero" in said(owner.get("/outreach"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": ""}, "This is needed for that choice."),
        ({"how_many": "precision"}, "This is needed for that choice."),
        ({"reminders": "soon"}, "Write days as numbers"),
        ({"reminders": "1 2 3 4"}, "Up to 3 reminders"),
        ({"channels": []}, "required"),
    ],
)
def test_what_was_typed_wrong_is_said_where_it_is(
    owner: Client, survey: Survey, wrong: dict[str, Any], words: str
) -> None:
    refused = owner.post("/outreach/plans/new", plan_of(survey) | wrong)
    assert refused.status_code == 422
    assert words in said(refused)
    assert not Wave.objects.exists()


def test_the_policy_is_tried_out_before_it_counts(owner: Client, survey: Survey) -> None:
    make_contacts(3)
    make_contacts(1, closed=15)
    assert "Of 4 customers 3 may be asked today." in said(owner.get("/outreach/policy"))
    tried = owner.post("/outreach/policy", POLICY | {"cap_person": "0", "do": "preview"})
    assert "With these rules: Of 4 customers 0 may be asked today." in said(tried)
    assert not ContactPolicy.objects.exists()
    assert owner.post("/outreach/policy", POLICY | {"do": "save"}).status_code == 302
    page = said(owner.get("/outreach/policy"))
    assert "Version 1 since" in page
    assert "Days after an invitation: 30 → 45" in page
    assert owner.post("/outreach/policy", POLICY | {"quiet_from": "x"}).status_code == 422


def test_an_exception_is_made_and_ended(owner: Client, survey: Survey) -> None:
    given = {"survey": survey.pk, "rule": "rest_invited", "value": "7", "reason": "Pilot"}
    owner.post("/outreach/policy/exceptions", given)
    made = PolicyException.objects.get()
    assert "rest_invited is 7" in said(owner.get("/outreach/policy"))
    owner.post(f"/outreach/policy/exceptions/{made.pk}/end")
    assert "Ended" in said(owner.get("/outreach/policy"))


def test_a_code_is_made_printed_and_closed(owner: Client, survey: Survey) -> None:
    given = {"survey": survey.pk, "name": "Till <4>", "kind": "qr", "attribute": "branch=Berlin"}
    made = owner.post("/outreach/links", given)
    link = OpenLink.objects.get()
    page = owner.get(made["Location"])
    assert b"<svg" in page.content
    assert b"Till &lt;4&gt;" in page.content
    assert f"/s/{link.key}" in said(page)
    code = owner.get(f"/outreach/links/{link.pk}/code.svg")
    assert code["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<?xml")
    owner.post(f"/outreach/links/{link.pk}/close")
    assert "closed" in said(owner.get("/outreach/links"))
    wrong = owner.post("/outreach/links", given | {"attribute": "Berlin"})
    assert "Write it as name=value" in said(wrong)


def test_a_customers_page_says_whether_they_are_asked(owner: Client, survey: Survey) -> None:
    [pk] = make_contacts(1)
    plan = make_plan(survey, NewPlan("P", is_census=True), by=SYSTEM, at=NOW)
    wave = plan_wave(plan, name="May", by=SYSTEM, at=NOW)
    start_draw(wave, by=SYSTEM, at=NOW)
    drawing.draw_wave(wave.pk, at=NOW)
    Contact.objects.filter(pk=pk).update(details=None)
    assert "Invited in “May”" in said(owner.get(f"/customers/{pk}"))


def test_who_may_not_send_sees_and_changes_nothing(own_home: Any, survey: Survey) -> None:
    analyst = signed_in("analyst")
    assert analyst.get("/outreach").status_code == 200
    assert b"Plan a wave" not in analyst.get("/outreach").content
    assert analyst.get("/outreach/plans/new").status_code == 403
    assert analyst.post("/outreach/policy", POLICY).status_code == 403
    given = {"survey": survey.pk, "name": "x", "kind": "qr"}
    refused = analyst.post("/outreach/links", given)
    assert refused.status_code in (403, 422)
    assert not OpenLink.objects.exists()
    assert Client().get("/outreach").status_code == 302


def test_the_list_asks_no_more_for_more_waves(
    owner: Client, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    plan = make_plan(survey, NewPlan("P", is_census=True), by=SYSTEM, at=NOW)
    for _ in range(3):
        plan_wave(plan, by=SYSTEM, at=NOW)
    with django_assert_max_num_queries(30):
        owner.get("/outreach")
