"""Customers through the REST API, with a key as programs have it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.program.organization.access import SYSTEM, Can
from promontory.program.organization.actions import add_person, make_key
from promontory.program.organization.models import AuditEntry
from promontory.program.organization.queries import viewer_of
from tests.program.customers.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


class Caller:
    """A program with a key of these scopes."""

    def __init__(self, *scopes: Can) -> None:
        person, _ = add_person(
            email=f"{len(scopes)}@example.org", name="Key", role="owner", by=SYSTEM, at=NOW
        )
        _, token = make_key(name="test", scopes=list(scopes), by=viewer_of(person), at=NOW)
        self._client = Client(headers={"Authorization": f"Bearer {token}"})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        send = getattr(self._client, method)
        if body is None:
            return send(f"/api/v1{path}", headers=headers)
        return send(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    def upload(self, text: str, kind: str) -> Any:
        file = SimpleUploadedFile("file.csv", text.encode(), content_type="text/csv")
        return self._client.post("/api/v1/contact-imports", {"file": file, "kind": kind}).json()


@pytest.fixture
def api(own_home: object) -> Caller:
    return Caller(Can.SEE_PEOPLE, Can.MANAGE_CUSTOMERS, Can.IMPORT)


def test_a_contact_is_put_read_and_changed_by_your_number(api: Caller) -> None:
    said = {"email": "anna@example.org", "account": "acme", "attributes": {"region": "North"}}
    put = api("put", "/contacts/external/C-1", said)
    assert put.status_code == 200, put.content
    anna = put.json()
    assert (anna["customer"], anna["open"], anna["held"]) == ("C-1", ["email", "in_app"], False)
    assert anna["attributes"] == {"region": "North"}
    again = api("get", f"/contacts/{anna['id']}")
    assert again.json() == anna
    assert AuditEntry.objects.filter(verb="look").count() == 1
    same = api("get", f"/contacts/{anna['id']}", **{"If-None-Match": again["ETag"]})
    assert same.status_code == 304
    changed = api(
        "patch", f"/contacts/{anna['id']}", {"name": "Anna"}, **{"If-Match": again["ETag"]}
    )
    assert changed.json()["name"] == "Anna"
    late = api("patch", f"/contacts/{anna['id']}", {"name": "X"}, **{"If-Match": again["ETag"]})
    assert late.status_code == 412
    found = api("post", "/contacts/search", {"email": "ANNA@example.org"}).json()
    assert [each["id"] for each in found["items"]] == [anna["id"]]


def test_an_address_of_another_is_refused_with_both_numbers(api: Caller) -> None:
    one = api("put", "/contacts/external/C-1", {"email": "a@example.org"}).json()["id"]
    two = api("put", "/contacts/external/C-2", {"email": "b@example.org"}).json()["id"]
    clash = api("put", "/contacts/external/C-2", {"email": "a@example.org"})
    assert clash.status_code == 409
    assert f"contacts {one} and {two}" in clash.json()["detail"]
    bad = api("put", "/contacts/external/C-3", {"email": "nobody"})
    assert (bad.status_code, bad.json()["field"]) == (422, "email")


def test_a_thousand_at_once_have_a_verdict_each(api: Caller) -> None:
    rows = [{"customer": f"C{n}", "email": f"u{n}@example.org"} for n in range(999)]
    done = api("post", "/contacts/bulk", {"contacts": [*rows, {"email": "no"}]}).json()["items"]
    assert [each["result"] for each in done] == ["new"] * 999 + ["set apart"]
    assert "is not an e-mail address" in done[-1]["reasons"][0]
    over = api("post", "/contacts/bulk", {"contacts": [*rows, *rows[:2]]})
    assert over.status_code == 422


def test_consents_and_holds_are_written_and_listed(api: Caller) -> None:
    pk = api("put", "/contacts/external/C-1", {"email": "a@example.org"}).json()["id"]
    refusal = api("post", f"/contacts/{pk}/consents", {"ways": ["email"], "is_given": False})
    assert refusal.status_code == 201, refusal.content
    early = {"ways": ["email"], "is_given": True, "given_at": "2020-01-01T00:00:00Z"}
    assert api("post", f"/contacts/{pk}/consents", early).status_code == 409
    [line] = api("get", f"/contacts/{pk}/consents").json()["items"]
    assert (line["ways"], line["source"]) == (["email"], "api")
    hold = {"customer": "C-1", "reason": "complaint", "source_key": "t-1"}
    first = api("post", "/holds", hold).json()
    assert api("post", "/holds", hold).json() == first
    assert api("get", f"/contacts/{pk}").json()["held"] is True
    assert [each["id"] for each in api("get", "/holds").json()["items"]] == [first["id"]]
    lifted = api("post", f"/holds/{first['id']}/lift").json()
    assert lifted["stands"] is False
    assert api("get", "/holds").json()["items"] == []
    assert api("post", "/holds", {"reason": "legal"}).status_code == 422
    assert api("post", "/holds", {"email": "x@example.org", "reason": "legal"}).status_code == 404


def test_a_file_of_contacts_comes_in_by_program(api: Caller) -> None:
    made = api.upload("email,company\na@example.org,acme\nbad,acme\n", "contacts")
    at = f"/contact-imports/{made['id']}"
    assert api("put", f"{at}/mapping", made["suggested"]).status_code == 200
    drain(at=timezone.now())
    assert api("get", at).json()["preview"]["counts"] == {"good": 1, "new": 1, "set apart": 1}
    assert api("post", f"{at}/commit").status_code == 202
    drain(at=timezone.now())
    assert api("get", at).json()["status"] == "done"
    rows = b"".join(api("get", f"{at}/rejected.csv")).decode().splitlines()
    assert rows[1].startswith("3,")


def test_a_key_without_the_scope_is_refused(own_home: object) -> None:
    blind = Caller(Can.SEE_SCORES)
    for method, path, body in (
        ("get", "/contacts/1", None),
        ("put", "/contacts/external/C-1", {"email": "a@example.org"}),
        ("post", "/contacts/bulk", {"contacts": [{"email": "a@example.org"}]}),
        ("post", "/contacts/search", {"email": "a@example.org"}),
        ("get", "/holds", None),
        ("get", "/contact-imports", None),
    ):
        assert blind(method, path, body).status_code == 403
