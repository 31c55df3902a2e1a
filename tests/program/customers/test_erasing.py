"""Who is erased leaves nothing personal behind, in no table and in no file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from promontory.jobs.draining import drain
from promontory.program.customers import actions, queries
from promontory.program.customers.codes import Way
from promontory.program.customers.models import (
    AttributeChange,
    Consent,
    Contact,
    ContactImport,
    Hold,
    RejectedContact,
    RejectedIdentifier,
)
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.verify import verify
from promontory.program.organization.access import SYSTEM
from tests.program.customers.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)
FILE = """customer id,email,name,company,region,household
C1,a@example.org,Anna,acme,North,H1
C1,a@example.org,Anna again,,North,H1
C2,b@example.org,Bert,acme,South,H1
C3,broken@,a@example.org was meant,,,
"""


def test_an_erased_person_is_gone_from_everything(bring_in: Callable[..., Any]) -> None:
    source = bring_in(FILE, {"region": "attribute"})
    bring_in("email,region\na@example.org,South\n", {"region": "attribute"})
    anna = queries.find_contact({"customer": "C1"})
    assert anna is not None
    actions.say(
        anna, Way.SMS, is_given=False, source="keyword", note="Anna rang", by=SYSTEM, at=NOW
    )
    actions.place_hold(contact=anna, reason="legal", note="Anna sues", by=SYSTEM, at=NOW)
    assert RejectedContact.objects.filter(source=source).count() == 2

    ledger.erase(anna.person_id, by="test", at=NOW)
    drain(at=NOW)

    anna.refresh_from_db()
    assert (anna.details, anna.email_index, anna.customer_index, anna.account) == (None,) * 4
    assert (anna.attributes, anna.household, anna.zone, anna.language) == ({}, None, "", "")
    assert not AttributeChange.objects.filter(contact=anna).exists()
    assert not anna.stakes.exists()
    assert set(Consent.objects.filter(contact=anna).values_list("note", flat=True)) == {""}
    assert list(Hold.objects.values_list("note", "source_key", "lifted_at")) == [("", None, NOW)]
    assert not RejectedContact.objects.exists()
    assert not RejectedIdentifier.objects.exists()
    assert not ContactImport.objects.filter(file_keeper__isnull=False).exists()
    assert not list(settings.HOME.uploads.iterdir())
    assert queries.find_contact({"customer": "C2"}) is not None


def test_the_ledger_is_whole_after_an_erasure(bring_in: Callable[..., Any]) -> None:
    bring_in(FILE)
    anna = queries.find_contact({"customer": "C1"})
    assert anna is not None
    ledger.erase(anna.person_id, by="test", at=NOW)
    drain(at=NOW)
    assert verify().is_sound


def test_nothing_of_a_file_lies_open_once_it_is_in(bring_in: Callable[..., Any]) -> None:
    source = bring_in(FILE)
    kept = settings.HOME.uploads / source.stored_as
    assert b"example.org" not in kept.read_bytes()
    assert all(not column["samples"] for column in source.proposal["columns"])
    assert source.preview["samples"] == []
    assert Contact.objects.count() == 2
