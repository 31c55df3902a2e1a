"""Programs plan, try out, draw and ask why; strangers and front line do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from promontory.program.customers.models import Contact
from promontory.program.organization.access import SYSTEM, Can
from promontory.program.organization.actions import add_person, make_key
from promontory.program.organization.queries import viewer_of
from promontory.program.outreach.actions import drawing
from promontory.program.outreach.models import ContactPolicy, Invitation, TouchpointEvent
from promontory.program.surveys.models import Journey, Survey, Touchpoint

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db


class Program:
    """A program with a key of a person's own."""

    def __init__(self, role: str) -> None:
        person, _ = add_person(email=f"{role}@example.org", name=role, role=role, by=SYSTEM, at=NOW)
        owner = viewer_of(person)
        scopes = sorted(owner.can & {Can.SEE_SCORES, Can.SEND, Can.SEE_PEOPLE})
        _, self.key = make_key(name="k", scopes=scopes, by=owner, at=NOW)
        self.client = Client()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body)
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data=data or "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}"} | headers,
        )


@pytest.fixture
def owner(own_home: Any) -> Program:
    return Program("owner")


def test_a_wave_from_its_plan_to_its_reconciliation(owner: Program, survey: Survey) -> None:
    make_contacts(20)
    plan = owner("POST", "/sampling-plans", {"survey": survey.key, "name": "All", "size": 5})
    assert plan.status_code == 201
    wave = owner("POST", "/waves", {"plan": plan.json()["id"]}).json()
    assert (wave["state"], wave["frame"], wave["sentence"]) == (
        "draft", 0, "A draft: nobody has been drawn yet.",
    )  # fmt: skip
    assert owner("POST", f"/waves/{wave['id']}/dry-run").status_code == 202
    drawing.try_out(wave["id"], at=NOW)
    tried = owner("GET", f"/waves/{wave['id']}").json()["dry_run"]
    assert (tried["frame"], tried["drawn"]) == (20, 5)
    assert owner("POST", f"/waves/{wave['id']}/draw").status_code == 202
    drawing.draw_wave(wave["id"], at=NOW)
    drawn = owner("GET", f"/waves/{wave['id']}").json()
    assert drawn["dispositions"] == {"not_drawn": 15, "planned": 5}
    assert drawn["difference"] == 0
    assert drawn["rr1"]["value"] is None
    assert drawn["strata"][0]["probability"] == 0.25
    listed = owner("GET", f"/waves/{wave['id']}/invitations?limit=3").json()
    assert [one["weight"] for one in listed["items"]] == [4.0, 4.0, 4.0]
    assert listed["next"]
    assert owner("POST", f"/waves/{wave['id']}/draw").status_code == 409
    assert owner("GET", "/waves").json()["items"][0]["id"] == wave["id"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": ["pigeon"]},
        {"channels": []},
        {"strata": ["nothing"]},
        {"frame": {"nothing": ["x"]}},
        {"size": 0},
        {"size": None},
        {"half_width": -1},
        {"expected_rate": 1.5},
        {"reminder_days": [3, 3]},
        {"allocation": "by feeling"},
        {"open_days": 0},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    owner: Program, survey: Survey, wrong: dict[str, Any]
) -> None:
    given = {"survey": survey.key, "name": "P", "size": 5} | wrong
    refused = owner("POST", "/sampling-plans", given)
    assert refused.status_code == 422
    assert refused.json()["detail"]


def test_the_policy_is_versioned_and_guarded(owner: Program) -> None:
    first = owner("GET", "/contact-policy")
    assert (first.json()["number"], first.json()["rest_invited"]) == (0, 30)
    made = owner("PATCH", "/contact-policy", {"rest_invited": 45}, **{"If-Match": first["ETag"]})
    assert (made.json()["number"], made.json()["rest_invited"], made.json()["cap_person"]) == (
        1, 45, 4,
    )  # fmt: skip
    stale = owner("PATCH", "/contact-policy", {"rest_invited": 1}, **{"If-Match": first["ETag"]})
    assert stale.status_code == 412
    assert owner("PATCH", "/contact-policy", {"cap_person": -1}).status_code == 422
    assert ContactPolicy.objects.count() == 1


def test_an_exception_is_said_with_its_reason_and_ends(owner: Program, survey: Survey) -> None:
    path = f"/surveys/{survey.key}/policy-exception"
    assert owner("POST", path, {"rules": {"rest_invited": 1}, "reason": " "}).status_code == 422
    assert owner("POST", path, {"rules": {"magic": 1}, "reason": "x"}).status_code == 422
    made = owner("POST", path, {"rules": {"rest_invited": 1}, "reason": "Pilot"})
    assert made.status_code == 201
    ended = owner("POST", f"/policy-exceptions/{made.json()['id']}/end")
    assert ended.json()["ended_at"]


def test_an_event_is_taken_once_and_says_why_somebody_is_asked(
    owner: Program, survey: Survey
) -> None:
    journey = Journey.objects.create(name="J")
    point = Touchpoint.objects.create(journey=journey, position=1, key="support", name="S")
    Survey.objects.filter(pk=survey.pk).update(touchpoint=point, kind="transactional")
    event = {"touchpoint": "support", "key": "T-7", "email": "anna@example.org"}
    first, again = (owner("POST", "/touchpoint-events", event) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert TouchpointEvent.objects.count() == 1
    contact = Contact.objects.get()
    [found] = owner("GET", f"/contacts/{contact.pk}/asking").json()["items"]
    assert (found["may"], found["sentence"]) == (True, "May be asked now.")
    for wrong in ({"email": ""}, {"key": ""}, {"touchpoint": "no"}, {"attributes": {"a": [1]}},
                  {"occurred_at": "2026-05-04T10:00:00"}):  # fmt: skip
        assert owner("POST", "/touchpoint-events", event | {"key": "T-8"} | wrong).status_code in (
            404, 422,
        )  # fmt: skip
    assert TouchpointEvent.objects.count() == 1


def test_why_names_the_wave_the_chance_and_the_day(owner: Program, survey: Survey) -> None:
    people = make_contacts(10)
    plan = owner("POST", "/sampling-plans", {"survey": survey.key, "name": "Two", "size": 2})
    wave = owner("POST", "/waves", {"plan": plan.json()["id"], "name": "May"}).json()["id"]
    owner("POST", f"/waves/{wave}/draw")
    drawing.draw_wave(wave, at=NOW)
    asked = set(Invitation.objects.values_list("contact_id", flat=True))
    for pk in people:
        [found] = owner("GET", f"/contacts/{pk}/asking").json()["items"]
        if pk in asked:
            assert found["last"]["sentence"] == (
                "Invited in “May” (the chance to be drawn was 20.0%): planned."
            )
        else:
            assert found["last"]["sentence"] == (
                "In the frame of “May”, and not drawn (the chance to be drawn was 20.0%)."
            )
        assert found["may"] or "Next possible on" in found["sentence"]


def test_a_link_is_made_listed_and_closed(owner: Program, survey: Survey) -> None:
    given = {"survey": survey.key, "name": "Till 4", "kind": "qr", "attributes": {"branch": "4"}}
    made = owner("POST", "/open-links", given)
    assert made.status_code == 201
    closed = owner("POST", f"/open-links/{made.json()['id']}/close")
    assert closed.json()["closed_at"]
    assert owner("GET", "/open-links").json()["items"] == [closed.json()]


def test_who_may_not_send_plans_nothing(own_home: Any, survey: Survey) -> None:
    frontline = Program("frontline")
    plan = {"survey": survey.key, "name": "P", "size": 1}
    assert frontline("POST", "/sampling-plans", plan).status_code == 403
    assert frontline("PATCH", "/contact-policy", {"rest_invited": 1}).status_code == 403
    assert frontline("POST", "/open-links", {"survey": survey.key, "name": "x"}).status_code == 403
    event = {"touchpoint": "support", "key": "1", "email": "a@example.org"}
    assert frontline("POST", "/touchpoint-events", event).status_code == 403
    assert not Contact.objects.exists()
    executive = Program("executive")
    assert executive("GET", "/contacts/1/asking").status_code == 403
    assert executive("GET", "/waves").status_code == 200


def test_what_is_not_there_is_not_found(owner: Program) -> None:
    for path in ("/waves/9", "/contacts/9/asking"):
        assert owner("GET", path).status_code == 404


def test_a_wave_is_seen_as_it_stood(owner: Program, survey: Survey) -> None:
    make_contacts(2)
    plan = owner("POST", "/sampling-plans", {"survey": survey.key, "name": "P", "is_census": True})
    wave = owner("POST", "/waves", {"plan": plan.json()["id"]}).json()["id"]
    owner("POST", f"/waves/{wave}/draw")
    drawing.draw_wave(wave, at=NOW)
    before = owner("GET", f"/waves/{wave}?at=2020-01-01T00:00:00Z").json()
    assert (before["frame"], before["dispositions"]) == (0, {})
    assert owner("GET", f"/waves/{wave}?at=2020-01-01").status_code == 422


def test_who_answered_when_is_told_of_nobody_under_an_anonymous_promise(
    owner: Program, survey: Survey
) -> None:
    from promontory.program.outreach.actions import dispose
    from promontory.program.outreach.codes import Disposition

    Survey.objects.filter(pk=survey.pk).update(promise="anonymous")
    make_contacts(2)
    plan = owner("POST", "/sampling-plans", {"survey": survey.key, "name": "All", "size": 2})
    wave = owner("POST", "/waves", {"plan": plan.json()["id"]}).json()["id"]
    owner("POST", f"/waves/{wave}/draw")
    drawing.draw_wave(wave, at=NOW)
    one, _ = Invitation.objects.filter(wave=wave).order_by("pk")
    Invitation.objects.filter(wave=wave).update(disposition=Disposition.DELIVERED)
    dispose([one.pk], Disposition.ANSWERED, by="respondent", at=NOW)
    listed = owner("GET", f"/waves/{wave}/invitations").json()["items"]
    assert [(i["disposition"], i["changed_at"]) for i in listed] == [("delivered", None)] * 2
    said = owner("GET", f"/contacts/{one.contact_id}/asking").json()
    assert "answered" not in json.dumps(said)
