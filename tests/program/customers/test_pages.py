"""The customers' pages, as who may and who may not see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.program.customers import actions, queries
from promontory.program.customers.codes import Way
from promontory.program.customers.models import Contact, ContactImport, Hold
from promontory.program.customers.panels import Filled, panels
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import add_person
from promontory.program.organization.models import AuditEntry
from tests.program.customers.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "email,name,company,region\na@example.org,<b>Anna</b>,acme,North\nb@,Bert,acme,North\n"


def signed_in(role: str) -> Client:
    email = f"{role}@example.org"
    person, _ = add_person(email=email, name=role.title(), role=role, by=SYSTEM, at=NOW)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def owner(own_home: object) -> Client:
    return signed_in("owner")


def test_a_file_goes_through_the_pages_to_its_report(owner: Client, own_home: Any) -> None:
    path = own_home / "people.csv"
    path.write_text(FILE)
    with path.open("rb") as file:
        answer = owner.post("/customers/import", {"file": file, "kind": "contacts"})
    source = ContactImport.objects.get()
    columns = owner.get(f"/customers/import/{source.pk}", follow=True)
    assert answer.status_code == 302
    form = columns.context["form"]
    said = {name: field.initial or "" for name, field in form.fields.items() if name != "reopens"}
    judging = owner.post(f"/customers/import/{source.pk}/columns", said, follow=True)
    assert b"Judging rows" in judging.content
    drain(at=timezone.now())
    verdict = owner.get(f"/customers/import/{source.pk}").content.decode()
    assert "1 row can be taken, 1 would be set apart." in verdict
    assert "“b@” is not an e-mail address" in verdict
    owner.post(f"/customers/import/{source.pk}/commit")
    drain(at=timezone.now())
    report = owner.get(f"/customers/import/{source.pk}").content.decode()
    assert "1 new contact." in report
    rows = b"".join(owner.get(f"/customers/import/{source.pk}/rejected.csv")).decode()
    assert rows.splitlines()[1].endswith("b@,Bert,acme,North")
    kept = b"".join(owner.get(f"/customers/import/{source.pk}/file"))
    assert kept == path.read_bytes()
    assert not (own_home / "uploads" / source.stored_as).exists()


def test_a_customer_is_found_by_the_whole_address_and_the_look_is_written_down(
    owner: Client, bring_in: Callable[..., Any]
) -> None:
    bring_in(FILE)
    assert b"No customer has exactly this" in owner.post("/customers", {"who": "a@exam"}).content
    page = owner.post("/customers", {"who": "A@Example.org"}, follow=True)
    text = page.content.decode()
    assert "&lt;b&gt;Anna&lt;/b&gt;" in text
    assert "<b>Anna</b>" not in text
    assert AuditEntry.objects.filter(verb="look").count() == 1
    assert "Owner" in text.split("Who has looked at this customer")[1]


def test_consent_and_holds_are_kept_from_the_page(
    owner: Client, bring_in: Callable[..., Any]
) -> None:
    bring_in(FILE)
    anna = Contact.objects.get()
    at = f"/customers/{anna.pk}"
    owner.post(f"{at}/consent", {"is_given": "no", "ways": ["2", "4"], "note": "rang us"})
    anna.refresh_from_db()
    assert anna.closed == Way.SMS | Way.VOICE
    owner.post(f"{at}/hold", {"reason": "complaint", "until": "2099-01-01", "note": ""})
    held = owner.get(at).content.decode()
    assert "This customer is held back" in held
    hold = Hold.objects.get()
    listed = owner.get("/customers/holds").content.decode()
    assert "1 hold stands: whom it is on is not asked" in listed
    owner.post(f"/customers/holds/{hold.pk}/lift", {"back": at})
    assert "This customer can be asked by e-mail and in the app." in owner.get(at).content.decode()
    refused = owner.post(f"{at}/hold", {"reason": "complaint", "until": "2001-01-01"}, follow=True)
    assert b"would end before it begins" in refused.content
    missing = owner.post("/customers/holds", {"who": "nobody", "reason": "legal"})
    assert missing.status_code == 422
    owner.post("/customers/holds", {"who": "acme", "reason": "legal"})
    assert queries.is_held(NOW) is not None
    assert (
        "This account is held back"
        in owner.get(f"/customers/accounts/{anna.account_id}").content.decode()
    )


def test_details_are_changed_and_a_conflict_names_both(
    owner: Client, bring_in: Callable[..., Any]
) -> None:
    bring_in("email\na@example.org\nb@example.org\n")
    one, two = Contact.objects.order_by("pk")
    said = {"email": "b@example.org", "name": "Anna"}
    clash = owner.post(f"/customers/{one.pk}/edit", said)
    assert f"contacts {one.pk} and {two.pk}" in clash.content.decode()
    owner.post(f"/customers/{one.pk}/edit", {"email": "c@example.org", "name": "Anna"})
    one.refresh_from_db()
    assert queries.opened_details(one) == {"email": "c@example.org", "name": "Anna"}
    nothing = owner.post(f"/customers/{one.pk}/edit", {"name": "Anna"})
    assert b"names nobody" in nothing.content


def test_a_panel_of_a_context_above_is_shown(
    owner: Client, bring_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(FILE)
    monkeypatch.setattr(panels, "_kinds", {})
    panels.add("test", lambda contact, viewer: Filled("400.html", {"number": contact.pk}))
    panels.add("silent", lambda contact, viewer: None)
    page = owner.get(f"/customers/{Contact.objects.get().pk}")
    assert [p.template for p in page.context["panels"]] == ["400.html"]


@pytest.mark.parametrize("role", ["analyst", "executive", "auditor"])
def test_who_may_not_see_people_is_refused(role: str, own_home: object) -> None:
    client = signed_in(role)
    for address in ("/customers", "/customers/holds", "/customers/import", "/customers/new"):
        assert client.get(address).status_code == 403


def test_the_front_line_holds_back_but_brings_in_no_files(
    own_home: object, bring_in: Callable[..., Any]
) -> None:
    bring_in(FILE)
    client = signed_in("frontline")
    assert client.get("/customers").status_code == 200
    assert client.get("/customers/import").status_code == 403
    client.post(f"/customers/{Contact.objects.get().pk}/hold", {"reason": "other"})
    assert Hold.objects.count() == 1


def test_an_empty_installation_says_where_to_begin(owner: Client) -> None:
    page = owner.get("/customers").content.decode()
    assert "Nobody is known yet" in page
    assert "There are no accounts" in page
    assert "Nobody is held back" in owner.get("/customers/holds").content.decode()


def test_lists_ask_no_more_for_more_rows(
    owner: Client, bring_in: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"u{n}@example.org,U{n},acme{n % 3}\n" for n in range(60))
    bring_in("email,name,company\n" + rows)
    for contact in Contact.objects.all()[:40]:
        actions.place_hold(contact=contact, reason="other", by=SYSTEM, at=NOW)
    with django_assert_max_num_queries(16):
        owner.get("/customers/holds")
    with django_assert_max_num_queries(18):
        owner.get(f"/customers/accounts/{contact.account_id}")
