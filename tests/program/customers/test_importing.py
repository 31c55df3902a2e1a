"""A file of contacts: proposed, judged, written once, and written again to no effect."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from promontory.program.customers import actions, queries
from promontory.program.customers.codes import Way
from promontory.program.customers.models import (
    Account,
    AttributeChange,
    Consent,
    Contact,
    RejectedContact,
    Stake,
)
from promontory.program.ledger.models import Person
from promontory.program.organization.access import SYSTEM
from tests.program.customers.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)

FILE = """customer id,email,phone,name,company,role,language,time zone,region,consent,consent date
C1,Anna@Example.org,0151 23456789,<b>Anna</b>,acme,decider,German,Europe/Berlin,North,yes,2026-01-05
C2,bert@example.org,+44 7400 123456,Bert,acme,user,en,Europe/London,South,no,2026-02-01
C3,not-an-address,,Cleo,acme,,de,,North,,
C4,dora@example.org,12,Dora,,,de,,North,,
C5,emil@example.org,,Emil,,,xx,Mars/Base,North,,
,,,Nobody,,,,,,,
C1,ANNA@example.ORG,,Anna,globex,payer,,,,,
C7,anna@example.org,,Gina,,,,,,,
"""
Bring = Callable[..., Any]


def test_a_file_becomes_contacts_with_accounts_consent_and_attributes(bring_in: Bring) -> None:
    done = bring_in(FILE, {"region": "attribute"}, region="DE")

    assert done.status == "done"
    assert {k: v for k, v in done.report.items() if not k.startswith("reason")} == {
        "new": 2,
        "further account": 1,
        "set apart": 5,
    }
    anna = queries.find_contact({"email": "anna@EXAMPLE.org"})
    assert anna is not None
    assert queries.opened_details(anna) == {
        "name": "<b>Anna</b>",
        "customer": "C1",
        "email": "Anna@Example.org",
        "phone": "+4915123456789",
    }
    assert (anna.language, anna.zone, anna.closed) == ("de", "Europe/Berlin", 0)
    stakes = Stake.objects.filter(contact=anna).values_list("account__key", "role")
    assert set(stakes) == {("acme", "decider"), ("globex", "payer")}
    bert = queries.find_contact({"phone": "+447400123456"})
    assert bert is not None
    assert bert.closed == Way.ALL
    assert queries.ways_open(bert) == Way.NONE
    [line] = Consent.objects.filter(contact=bert)
    assert (line.ways, line.is_given, line.source) == (15, False, "import")
    assert line.at.date().isoformat() == "2026-02-01"


def test_what_is_set_apart_says_why_and_runs_nothing_in_a_spreadsheet(bring_in: Bring) -> None:
    done = bring_in(FILE + "=1+1,frida,,,,,,,,,\n", region="DE")

    rows = list(queries.rejected_rows(done, viewer=SYSTEM))
    said = {row[0]: row[1] for row in rows[1:]}
    assert "“not-an-address” is not an e-mail address" in said["4"]
    assert "“12” is not a telephone number" in said["5"]
    assert "“xx” is not a language" in said["6"]
    assert "“Mars/Base” is not a time zone" in said["6"]
    assert said["7"].startswith("The row names nobody")
    assert said["9"].startswith("The row shares an address with an earlier row")
    assert next(row for row in rows if row[0] == "10")[2] == "'=1+1"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    assert "\n=" not in text.getvalue()


def test_the_same_file_again_changes_nothing(bring_in: Bring) -> None:
    bring_in(FILE, {"region": "attribute"}, region="DE")
    before = [
        list(model.objects.order_by("pk").values())
        for model in (Contact, Account, Stake, Consent, AttributeChange, Person)
    ]

    again = bring_in(FILE, {"region": "attribute"}, region="DE", at=NOW + timedelta(days=1))

    assert again.proposal["same file"] == [again.pk - 1]
    assert again.report["unchanged"] == 3
    assert "new" not in again.report
    assert "changed" not in again.report
    after = [
        list(model.objects.order_by("pk").values())
        for model in (Contact, Account, Stake, Consent, AttributeChange)
    ]
    assert before[:-1] == after


def test_a_row_again_is_an_update_with_its_history(bring_in: Bring) -> None:
    bring_in("email,name,region\na@example.org,Anna,North\n", {"region": "attribute"})
    done = bring_in("email,name,region\nA@example.org,Anne,South\n", {"region": "attribute"})

    assert done.report == {"changed": 1}
    [anna] = Contact.objects.all()
    assert queries.opened_details(anna) == {"email": "a@example.org", "name": "Anne"}
    [change] = queries.attribute_history(anna, viewer=SYSTEM)
    assert (change.label, change.was, change.now) == ("region", "North", "South")


def test_a_row_that_would_join_two_contacts_names_both(bring_in: Bring) -> None:
    bring_in("customer id,email\nC1,a@example.org\nC2,b@example.org\n")
    one, two = Contact.objects.order_by("pk").values_list("pk", flat=True)

    done = bring_in("customer id,email\nC1,b@example.org\n", preview_only=True)

    assert done.preview["counts"] == {"set apart": 1}
    [sample] = done.preview["samples"]
    assert f"(contacts {one} and {two})" in sample["says"]


def test_an_import_never_opens_what_the_person_closed(bring_in: Bring) -> None:
    bring_in("email\na@example.org\n")
    [anna] = Contact.objects.all()
    actions.say(anna, Way.EMAIL, is_given=False, source="one_click", by=SYSTEM, at=NOW)
    yes = "email,consent,consent date\na@example.org,yes,{}\n"

    plain = bring_in(yes.format("2027-01-01"), at=NOW + timedelta(days=400))
    assert plain.report == {"unchanged": 1, "kept closed": 1}
    early = bring_in(yes.format("2026-05-01"), reopens=True, at=NOW + timedelta(days=400))
    assert early.report == {"unchanged": 1, "kept closed": 1}
    late = bring_in(yes.format("2026-06-01"), reopens=True, at=NOW + timedelta(days=400))
    assert late.report == {"changed": 1}

    anna.refresh_from_db()
    assert anna.closed == 0
    history = queries.consent_history(anna, viewer=SYSTEM)
    assert [(c.is_given, c.source) for c in history] == [(False, "one_click"), (True, "import")]


def test_a_complaint_stays_whatever_a_file_says(bring_in: Bring) -> None:
    bring_in("email\na@example.org\n")
    [anna] = Contact.objects.all()
    actions.say(anna, Way.EMAIL, is_given=False, source="complaint", by=SYSTEM, at=NOW)

    text = "email,consent,consent date\na@example.org,yes,2026-06-01\n"
    bring_in(text, reopens=True, at=NOW + timedelta(days=400))

    anna.refresh_from_db()
    assert anna.closed == Way.EMAIL


def test_one_bad_row_among_many_keeps_nobody_out(bring_in: Bring) -> None:
    rows = [f"u{n}@example.org" for n in range(30_000)]
    rows[17_000] = "u17000@"
    done = bring_in("email\n" + "\n".join(rows) + "\n")

    assert done.report == {"new": 29_999, "set apart": 1, "reason: bad-email": 1}
    assert Contact.objects.count() == 29_999
    assert RejectedContact.objects.get().row == 17_002


def test_a_shared_address_of_two_people_is_set_apart(bring_in: Bring) -> None:
    text = "email,phone\na@example.org,+4915123456789\nb@example.org,+4915123456789\n"
    done = bring_in(text)

    assert done.report == {"new": 1, "set apart": 1, "reason: shared": 1}
