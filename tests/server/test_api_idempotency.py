"""Idempotency keys: once done, answered alike, opened by nobody else; with real threads too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from promontory.program.organization.models import ApiKey, KeptAnswer
from promontory.program.surveys.models import Survey
from tests.installation import Installation
from tests.program.scores.company import Company
from tests.server.callers import caller, person_of, problem

KEY = {"Idempotency-Key": "b9c1"}


def test_sent_twice_it_is_done_once_and_answered_alike(company: Company) -> None:
    program = caller("owner")
    first = program.post("/surveys", {"name": "Spring"}, **KEY)
    second = program.post("/surveys", {"name": "Spring"}, **KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Survey.objects.filter(name="Spring").count() == 1


def test_another_request_under_the_same_key_is_refused(company: Company) -> None:
    program = caller("owner")
    program.post("/surveys", {"name": "Spring"}, **KEY)
    other = program.post("/surveys", {"name": "Autumn"}, **KEY)
    assert problem(other) == (422, "idempotency-key-reused")
    assert not Survey.objects.filter(name="Autumn").exists()


def test_two_people_may_think_of_the_same_key(company: Company) -> None:
    caller("owner").post("/surveys", {"name": "Spring"}, **KEY)
    answer = caller("administrator").post("/surveys", {"name": "Autumn"}, **KEY)
    assert answer.status_code == 201


def test_an_upload_is_the_same_whatever_its_boundary(company: Company) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test.client import encode_multipart

    program = caller("analyst")
    numbers = set()
    for boundary in ("one", "two"):
        file = SimpleUploadedFile("a.csv", b"score\n9\n")
        body = encode_multipart(boundary, {"file": file})
        kind = f"multipart/form-data; boundary={boundary}"
        numbers.add(program.post("/imports", body, kind=kind, **KEY).json()["id"])
    assert len(numbers) == 1


def test_what_was_refused_for_now_may_be_tried_again(company: Company) -> None:
    program = caller("analyst")
    assert program.post("/surveys", {"name": "Spring"}, **KEY).status_code == 403
    person_of("analyst").memberships.update(role="owner")
    ApiKey.objects.update(scopes=["manage_surveys", "see_scores"])
    assert program.post("/surveys", {"name": "Spring"}, **KEY).status_code == 201


def test_a_revoked_key_opens_no_answer(company: Company) -> None:
    program = caller("owner")
    program.post("/surveys", {"name": "Spring"}, **KEY)
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert problem(program.post("/surveys", {"name": "Spring"}, **KEY)) == (401, "not-signed-in")


def test_no_secret_is_kept_that_the_database_could_give_away(company: Company) -> None:
    program = caller("owner")
    body = {"name": "k", "scopes": ["see_scores"]}
    secret = program.post("/keys", body, **KEY).json()["secret"]
    kept = KeptAnswer.objects.get()
    assert secret.encode() not in bytes(kept.body or b"")
    assert program.post("/keys", body, **KEY).json()["secret"] == secret


def test_a_write_that_fails_leaves_neither_itself_nor_its_answer(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = caller("owner")
    program.client.raise_request_exception = False

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("promontory.server.idempotency._sealed", fails)
        assert program.post("/surveys", {"name": "Spring"}, **KEY).status_code == 500
    assert not Survey.objects.filter(name="Spring").exists()
    assert not KeptAnswer.objects.exists()
    assert program.post("/surveys", {"name": "Spring"}, **KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_of_no_use_is_refused(company: Company, key: str) -> None:
    answer = caller("owner").post("/surveys", {"name": "Spring"}, **{"Idempotency-Key": key})
    assert problem(answer) == (422, "bad-input")


def test_reads_take_no_notice_of_it(company: Company) -> None:
    assert caller("owner").get("/surveys", **KEY).status_code == 200
    assert not KeptAnswer.objects.exists()


THREADS = """
import json, sys, threading
from django.db import connections
from django.utils import timezone
from promontory.program.organization.access import SYSTEM
from promontory.program.organization import actions
actions.begin(organization="N", zone="UTC", name="A", email="a@example.org",
              password="a long enough sentence", by=SYSTEM, at=timezone.now())
from promontory.program.surveys.actions import create_survey
create_survey(name="Relationship", by=SYSTEM, at=timezone.now())
from tests.server.callers import Caller, secret_of
secret = secret_of("administrator")
body = {"survey": "relationship", "id": "a-1", "answered_at": "2026-01-01T00:00:00Z",
        "answers": {"nps": 9}, "person": {"email": "x@example.org"}}
said, gate = [], threading.Barrier(8)
def send(headers):
    try:
        gate.wait()
        answer = Caller(secret).post("/responses", body, **headers)
        said.append([answer.status_code, answer.json().get("id"),
                     answer.get("Idempotent-Replayed", "")])
    except BaseException as error:
        said.append([repr(error)])
    finally:
        connections.close_all()
def storm(headers):
    threads = [threading.Thread(target=send, args=(headers,)) for _ in range(8)]
    [t.start() for t in threads]; [t.join() for t in threads]
storm({} if sys.argv[1:] else HEADERS)
from promontory.program.responses.models import Response
from promontory.program.customers.models import Contact
print(json.dumps([said, Response.objects.count(), Contact.objects.count()]))
"""


@pytest.mark.parametrize("headers", [KEY, {}])
def test_eight_at_once_do_it_once(installation: Installation, headers: dict[str, str]) -> None:
    printed = installation.python(f"HEADERS = {headers!r}\n{THREADS}")
    said, responses, contacts = json.loads(printed.strip().splitlines()[-1])
    assert {(one[0], one[1]) for one in said} == {(201, said[0][1])}
    assert (responses, contacts) == (1, 1)
    assert sorted(one[2] for one in said) == [""] * (1 if headers else 8) + ["true"] * (
        7 if headers else 0
    )
