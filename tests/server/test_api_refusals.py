"""Bad input: whatever is sent, the answer is a problem document that says what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.program.scores.company import Company
from tests.server.callers import Caller, caller, problem


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "not-found")),
        ("POST", "/nowhere", (404, "not-found")),
        ("GET", "/../v2/scores", (404, "not-found")),
        ("GET", "/surveys/no-such", (404, "not-found")),
        ("GET", "/responses/0", (422, "bad-input")),
        ("GET", f"/responses/{2**63}", (422, "bad-input")),
        ("GET", f"/responses/{10**400}", (422, "bad-input")),
        ("DELETE", "/scores", (405, "method-not-allowed")),
        ("OPTIONS", "/scores", (405, "method-not-allowed")),
        ("GET", "/scores?period=2026-13", (422, "bad-input")),
        ("GET", "/scores?period=0000", (422, "bad-input")),
        ("GET", "/explore?period=9999&against=year", (422, "bad-input")),
        ("GET", "/scores?f.region=1", (422, "bad-input")),
        ("GET", "/pictures/overview/trend?f.region=1", (422, "bad-input")),
        ("GET", "/scores?perid=2026", (422, "bad-input")),
        ("GET", "/me?x=1", (422, "bad-input")),
        ("GET", "/scores?survey=%00", (422, "bad-input")),
        ("GET", "/surveys/%00", (422, "bad-input")),
        ("GET", "/explore?by=%ED%A0%80", (422, "bad-input")),
        ("GET", "/audit?cursor=!!", (422, "bad-input")),
        ("GET", "/audit?cursor=WyJhIl0", (422, "bad-input")),
        ("GET", "/audit?cursor=W3RydWVd", (422, "bad-input")),
        ("GET", "/audit?limit=0", (422, "bad-input")),
        ("GET", "/audit?limit=Infinity", (422, "bad-input")),
        ("GET", "/responses?since=2026-01-01T00:00:00", (422, "bad-input")),
        ("GET", "/responses?since=9999-12-31T23:59:59-23:00", (422, "bad-input")),
        ("GET", "/responses?f.region=%F0%9F%98%80", (422, "bad-input")),
        ("GET", "/responses?f.region=1&f.region=2", (422, "bad-input")),
        ("GET", "/responses?cursor=999999999999999999999", (422, "bad-input")),
    ],
)
def test_an_address_that_is_wrong(
    identified: Company, method: str, path: str, expected: tuple[int, str]
) -> None:
    identified.answer("2025-08-10", 10, 40, region=1)
    identified.seal("2025-08-31")
    answer = caller("administrator").send(method, path)
    assert problem(answer) == expected
    if expected[0] == 405:
        assert answer["Allow"] == "GET"


GOOD = {
    "survey": "relationship",
    "id": "a-1",
    "answered_at": "2026-01-01T00:00:00Z",
    "answers": {"nps": 9},
}


def changed(**fields: Any) -> bytes:
    return json.dumps(GOOD | fields).encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (422, "bad-input")),
        (b"{", (400, "malformed-json")),
        (b"\xff\xfe{}", (400, "malformed-json")),
        (b"[" * 100_000, (400, "malformed-json")),
        (b"[" * 60 + b"]" * 60, (400, "malformed-json")),
        (b"null", (422, "bad-input")),
        (b"[]", (422, "bad-input")),
        (b'{"survey": NaN}', (400, "malformed-json")),
        (b'{"survey": -Infinity}', (400, "malformed-json")),
        (b'{"survey": 1e999}', (422, "bad-input")),
        (b'{"survey": "a", "survey": "b"}', (400, "malformed-json")),
        (changed().replace(b"a-1", b"a\\u0000b"), (422, "bad-input")),
        (changed().replace(b"a-1", b"\\ud800"), (422, "bad-input")),
        (changed(comment="x" * 20_001), (422, "bad-input")),
        (changed(more=1), (422, "bad-input")),
        (changed(id=" "), (422, "bad-input")),
        (changed(id="x" * 201), (422, "bad-input")),
        (changed(answers={}), (422, "bad-input")),
        (changed(answers={"nps": 11}), (422, "bad-input")),
        (changed(answers={"nps": 9.0}), (422, "bad-input")),
        (changed(answers={"nps": 9.5}), (422, "bad-input")),
        (changed(answers={"nps": "9"}), (422, "bad-input")),
        (changed(answers={"nps": True}), (422, "bad-input")),
        (changed(answers={"nps": 10**30}), (422, "bad-input")),
        (changed(answers={"csat": 3}), (422, "bad-input")),
        (changed(answered_at="2026-01-01T00:00:00"), (422, "bad-input")),
        (changed(answered_at="0001-01-01T00:00:00+14:00"), (422, "bad-input")),
        (changed(channel="pigeon"), (422, "bad-input")),
        (changed(attributes={"nothing": "x"}), (422, "bad-input")),
        (changed(person={}), (422, "bad-input")),
        (changed(survey="no-such"), (404, "not-found")),
        (changed(unit="no-such"), (404, "not-found")),
    ],
)
def test_a_body_that_is_wrong_leaves_nothing(
    identified: Company, body: bytes, expected: tuple[int, str]
) -> None:
    from promontory.program.customers.models import Contact
    from promontory.program.organization.access import SYSTEM
    from promontory.program.responses.models import Response
    from promontory.program.surveys.actions import REASON, RECOMMENDATION, add_version
    from tests.program.scores.company import AT

    add_version(identified.survey, questions=(RECOMMENDATION, REASON), by=SYSTEM, at=AT)
    assert problem(caller("analyst").post("/responses", body)) == expected
    assert not Response.objects.exists()
    assert not Contact.objects.exists()


def test_a_refused_answer_leaves_no_person_behind(identified: Company) -> None:
    from promontory.program.customers.models import Contact
    from promontory.program.organization.access import SYSTEM
    from promontory.program.surveys.actions import REASON, RECOMMENDATION, add_version
    from tests.program.scores.company import AT

    add_version(identified.survey, questions=(RECOMMENDATION, REASON), by=SYSTEM, at=AT)
    said = GOOD | {"person": {"email": "ada@example.org"}, "answers": {"nps": 11}}
    assert caller("analyst").post("/responses", said).status_code == 422
    assert not Contact.objects.exists()


def test_every_wrong_field_is_named(company: Company) -> None:
    answer = caller("owner").post("/methods", {"name": "", "level": 2, "cluster": "moon"})
    assert {fault["field"] for fault in answer.json()["errors"]} == {"name", "level", "cluster"}


def test_the_form_of_a_body_is_looked_at(company: Company) -> None:
    program = caller("owner")
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        assert problem(program.post("/surveys", b'{"name":"x"}', kind=kind)) == (415, "not-json")
    assert program.post("/surveys", b'{"name":"x"}', kind="application/ld+json").status_code == 201
    assert problem(program.post("/imports", {"file": "x"})) == (415, "not-a-form")


def test_too_large_a_body_is_not_read(company: Company) -> None:
    answer = caller("owner").post("/surveys", {"name": "x" * 3_000_000})
    assert problem(answer) == (413, "too-large")


def test_head_is_get_without_its_body(company: Company) -> None:
    program = caller("owner")
    whole, head = program.get("/organization"), program.send("HEAD", "/organization")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
    assert int(head["Content-Length"]) == len(whole.content)


def test_a_write_on_what_has_changed_meanwhile_is_refused(company: Company) -> None:
    program = caller("administrator")
    stale = {"If-Match": program.get("/organization")["ETag"]}
    first = program.send("PATCH", "/organization", {"name": "Ours"}, **stale)
    assert first.status_code == 200
    second = program.send("PATCH", "/organization", {"name": "Theirs"}, **stale)
    assert problem(second) == (412, "changed-meanwhile")
    fresh = {"If-Match": first["ETag"]}
    assert program.send("PATCH", "/organization", {"name": "Theirs"}, **fresh).status_code == 200


def test_a_thousand_requests_are_told_to_wait(company: Company, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = 30
    program, other = caller("executive"), caller("owner")
    codes = [program.get("/me").status_code for _ in range(8)]
    assert codes.count(200) == 6
    answer = program.get("/me")
    assert problem(answer) == (429, "too-many")
    assert int(answer["Retry-After"]) in {1, 2}
    assert other.get("/me").status_code == 200


def test_a_fault_of_ours_is_a_problem_too_and_says_nothing_of_the_inside(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from promontory.program.organization import queries

    def fails(**_: object) -> None:
        raise RuntimeError("a secret of the inside")

    program = caller("owner")
    program.client.raise_request_exception = False
    monkeypatch.setattr(queries, "units", fails)
    answer = program.get("/units")
    assert problem(answer) == (500, "broken")
    assert b"secret" not in answer.content


def test_a_key_is_written_in_no_log(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    Caller("pm_abcdefabcdef_the-secret-part").get("/me")
    assert "the-secret-part" not in caplog.text
