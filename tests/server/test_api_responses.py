"""Responses and imports through the API: a file from upload to score, one answer's whole life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.program.ledger import actions as ledger
from promontory.program.organization.access import SYSTEM, Can
from promontory.program.organization.actions import found_organization
from promontory.program.organization.models import OrgUnit
from promontory.program.scores.actions import ensure_default_method
from promontory.program.surveys.actions import create_survey
from promontory.server.home import Home
from tests.server.callers import Caller, caller, problem

pytestmark = pytest.mark.django_db(transaction=True)

FILE = b"""id,answered_at,email,score,comment,region
a1,2026-03-01T10:00:00+00:00,anna@example.org,9,Quick and kind,North
a2,2026-03-01T11:00:00+00:00,bert@example.org,3,Too slow,South
a3,2026-03-02T12:00:00+00:00,carl@example.org,10/10,,North
"""


@pytest.fixture(params=["identified"])
def survey(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Any:
    settings.HOME = Home(tmp_path)
    settings.API_REQUESTS_A_MINUTE = 0
    found_organization(name="Test", zone="UTC", by=SYSTEM, at=timezone.now())
    ensure_default_method(by=SYSTEM, at=timezone.now())
    return create_survey(name="Relationship", promise=request.param, by=SYSTEM, at=timezone.now())


def recorded(program: Caller, number: str = "a-1", **more: Any) -> int:
    said = {
        "survey": "relationship",
        "id": number,
        "answered_at": "2026-03-15T13:45:00Z",
        "answers": {"nps": 3},
        "person": {"email": "ada@example.org", "name": "Ada"},
        "comment": "Write to ada@example.org",
        "language": "de",
    }
    answer = program.post("/responses", said | more)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def brought_in(program: Caller) -> dict[str, Any]:
    made = program.upload(FILE, survey="relationship").json()
    assert made["status"] == "uploaded"
    said = made["suggested"] | {"survey": "relationship"}
    mapped = program.send("PUT", f"/imports/{made['id']}/mapping", said)
    assert mapped.status_code == 200, mapped.content
    drain(at=timezone.now())
    job = program.get(f"/jobs/{mapped.json()['job']}").json()
    assert (job["state"], job["task"]) == ("done", "preview_import")
    return dict(program.get(f"/imports/{made['id']}").json())


def test_a_file_goes_in_from_upload_to_score_and_is_known_again(survey: Any) -> None:
    program = caller("analyst")
    preview = brought_in(program)
    assert preview["status"] == "previewed"
    assert preview["preview"]["counts"]["would be stored"] == 2
    number = preview["id"]
    assert program.post(f"/imports/{number}/commit").status_code == 202
    drain(at=timezone.now())

    report = program.get(f"/imports/{number}").json()
    assert (report["status"], report["report"]["stored"]) == ("done", 2)
    rejected = b"".join(program.get(f"/imports/{number}/rejected.csv").streaming_content)
    assert b"10/10" in rejected
    found = program.get("/responses?words=slow").json()["items"]
    assert [one["group"] for one in found] == ["detractor"]
    assert found[0]["source"] == number
    assert program.get("/scores").json()["headline"]["base"] == 2
    assert program.get(f"/responses?source={number}&limit=1").json()["next"]
    assert problem(program.post(f"/imports/{number}/commit"))[0] == 409
    assert problem(program.post(f"/imports/{number}/cancel"))[0] == 409
    again = program.upload(FILE).json()
    assert [one["import"] for one in again["proposal"]["same file"]] == [number]


def test_a_mapping_on_what_has_changed_is_refused(survey: Any) -> None:
    program = caller("analyst")
    made = program.upload(FILE, survey="relationship")
    stale = {"If-Match": made["ETag"]}
    said = made.json()["suggested"] | {"survey": "relationship"}
    path = f"/imports/{made.json()['id']}/mapping"
    assert program.send("PUT", path, said, **stale).status_code == 200
    drain(at=timezone.now())
    assert problem(program.send("PUT", path, said, **stale)) == (412, "changed-meanwhile")


def test_an_answer_is_recorded_corrected_taken_out_and_back(survey: Any) -> None:
    owner = caller("owner")
    pk = recorded(owner)
    assert recorded(owner) == pk
    told = {"answers": {"nps": 8}, "reason": "misheard"}
    assert owner.post(f"/responses/{pk}/correction", told).json()["id"] == pk
    assert owner.post(f"/responses/{pk}/exclusion", {}).json()["exclusions"] == ["manual"]
    drain(at=timezone.now())
    assert owner.get("/scores").json()["headline"] is None
    assert owner.get("/responses?excluded=true").json()["items"][0]["id"] == pk
    assert owner.post(f"/responses/{pk}/readmission", {}).json()["exclusions"] == []
    drain(at=timezone.now())
    assert owner.get("/scores").json()["headline"]["base"] == 1

    shown = owner.get(f"/responses/{pk}").json()
    assert [line["what"] for line in shown["history"]] == [
        "answered",
        "corrected",
        "taken out of the count",
        "counts again",
    ]
    assert shown["person"]["email"] == "ada@example.org"
    assert owner.get(f"/responses/{pk}/looks").json()["items"][0]["name"] == "owner"


def test_a_key_that_may_only_write_gets_its_receipt(survey: Any) -> None:
    writer = caller("owner", scopes=[Can.IMPORT, Can.SEE_SCORES])
    pk = recorded(writer)
    assert problem(writer.get(f"/responses/{pk}")) == (403, "not-allowed")


def test_a_person_is_erased_and_the_ledger_still_verifies(survey: Any) -> None:
    owner = caller("owner")
    pk = recorded(owner)
    ledger.seal()  # what the server does twice a second on PostgreSQL
    anchor = owner.post("/ledger/anchors").json()
    body = {"identifier": "ada@example.org"}
    assert owner.post("/erasures", body).json() == {"erased": True}
    assert problem(owner.post("/erasures", body)) == (404, "not-found")
    shown = owner.get(f"/responses/{pk}").json()
    assert (shown["person"], shown["comment"]) == ({}, "")
    begun = owner.post("/ledger/verifications", {"anchor": anchor})
    assert begun.status_code == 202
    drain(at=timezone.now())
    found = owner.get(f"/ledger/verifications/{begun.json()['id']}").json()
    assert found["state"] == "done"
    assert found["verdict"]["sound"] is True
    assert found["verdict"]["sentence"].startswith("The ledger is unaltered up to position")


def test_nobody_writes_beyond_their_units(survey: Any) -> None:
    units = {}
    for key in ("north", "south"):
        units[key] = OrgUnit.objects.create(key=key, name=key)
        units[key].path = f"/{units[key].pk}/"
        units[key].save()
    north, south = caller("analyst", units["north"]), caller("analyst", units["south"])
    pk = recorded(north, unit="north")
    assert north.get(f"/responses/{pk}").status_code == 200
    told = {"answers": {"nps": 8}, "reason": "misheard"}
    assert problem(south.get(f"/responses/{pk}")) == (404, "not-found")
    assert problem(south.post(f"/responses/{pk}/correction", told)) == (404, "not-found")
    assert problem(north.post(f"/responses/{pk}/exclusion", {})) == (403, "not-allowed")
    said = {"survey": "relationship", "id": "b", "answered_at": "2026-03-15T13:45:00Z"}
    for more, status in (({"unit": "north"}, 404), ({}, 422)):
        answer = south.post("/responses", said | {"answers": {"nps": 1}} | more)
        assert answer.status_code == status


@pytest.mark.parametrize("survey", ["confidential"], indirect=True)
def test_a_confidence_is_read_by_the_few_and_never_with_the_person(survey: Any) -> None:
    pk = recorded(caller("owner"))
    for role in ("owner", "analyst"):
        shown = caller(role).get(f"/responses/{pk}").json()
        assert (shown["answers"][0]["value"], shown["person"], shown["vendor_id"]) == (3, {}, "")
        assert "ada@example.org" not in shown["comment"]
    front = caller("frontline")
    assert front.get("/responses").json()["items"] == []
    assert problem(front.get(f"/responses/{pk}")) == (404, "not-found")


@pytest.mark.parametrize("survey", ["anonymous"], indirect=True)
def test_of_an_anonymous_answer_the_few_read_the_words_and_the_month(survey: Any) -> None:
    owner = caller("owner")
    first, second = recorded(owner), recorded(owner, "a-2")
    shown = owner.get(f"/responses/{first}").json()
    assert shown["answered_at"] == shown["received_at"] == "2026-03-01T00:00:00Z"
    assert shown["comment"].startswith("Write to")
    assert "ada@" not in shown["comment"]
    assert [shown[name] for name in ("answers", "attributes", "history", "person")] == [
        [],
        {},
        [],
        {},
    ]
    assert (shown["language"], shown["channel"], shown["group"]) == ("", "unknown", "")
    page = owner.get("/responses?survey=relationship&limit=1").json()
    assert page["next"] == str(second)
    assert (
        owner.get(f"/responses?survey=relationship&cursor={second}").json()["items"][0]["id"]
        == first
    )
    for narrow in ("group=detractor", "since=2026-03-15T00:00:00Z", "excluded=false"):
        assert owner.get(f"/responses?{narrow}").json()["items"] == []
    assert owner.get("/responses?survey=relationship&words=write").json()["items"]
    for mixed in ("", "?words=write"):  # among dated answers its place would tell its day
        assert owner.get(f"/responses{mixed}").json()["items"] == []
    assert caller("frontline").get("/responses").json()["items"] == []
