"""Who may be asked by which way, and who must not be asked now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from promontory.errors import BadInput, Conflict, NotAllowed, NotFound
from promontory.program.customers import actions, queries
from promontory.program.customers.actions import ContactFields
from promontory.program.customers.codes import Way
from promontory.program.customers.models import Contact, Hold
from promontory.program.ledger.models import Entry
from promontory.program.organization.access import SYSTEM, Can, Viewer
from tests.program.customers.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=10)


@pytest.fixture
def anna(own_home: object) -> Contact:
    said = ContactFields(
        email="anna@example.org", phone="+4915123456789", customer="C1", account="acme"
    )
    return actions.add_contact(said, by=SYSTEM, at=NOW)


def test_a_refusal_closes_its_ways_at_once_and_consent_opens_them(anna: Contact) -> None:
    assert queries.ways_open(anna) == Way.ALL
    actions.say(anna, Way.EMAIL, is_given=False, source="one_click", by=SYSTEM, at=NOW)
    assert queries.ways_open(anna) == Way.ALL & ~Way.EMAIL
    with pytest.raises(Conflict, match="refused after this consent was given"):
        actions.say(
            anna, Way.EMAIL, is_given=True, source="api", given_at=NOW - timedelta(1),
            by=SYSTEM, at=LATER,
        )  # fmt: skip
    actions.say(anna, Way.EMAIL, is_given=True, basis="consent", source="api", by=SYSTEM, at=LATER)
    anna.refresh_from_db()
    assert (queries.ways_open(anna), anna.basis) == (Way.ALL, "consent")


def test_a_complaint_closes_email_until_the_person_takes_it_back(anna: Contact) -> None:
    actions.say(anna, Way.EMAIL, is_given=False, source="complaint", by=SYSTEM, at=NOW)
    with pytest.raises(Conflict, match="marked our mail as spam"):
        actions.say(anna, Way.EMAIL, is_given=True, source="staff", by=SYSTEM, at=LATER)
    actions.say(anna, Way.EMAIL, is_given=True, source="preferences", by=SYSTEM, at=LATER)
    assert Way.EMAIL in queries.ways_open(anna)


def test_a_bounce_fails_a_way_until_it_is_mended_or_the_address_changes(anna: Contact) -> None:
    actions.mark_failing(anna, Way.EMAIL, by=SYSTEM, at=NOW)
    actions.mark_failing(anna, Way.EMAIL, by=SYSTEM, at=NOW)
    assert Way.EMAIL not in queries.ways_open(anna)
    assert queries.consent_history(anna, viewer=SYSTEM).count() == 1
    said = ContactFields(email="anna@new.example.org")
    anna = actions.update_contact(anna, said, by=SYSTEM, at=LATER)
    assert Way.EMAIL in queries.ways_open(anna)
    actions.mark_failing(anna, Way.SMS, by=SYSTEM, at=LATER)
    actions.mend_way(anna, Way.SMS, by=SYSTEM, at=LATER)
    assert queries.ways_open(anna) == Way.ALL


def test_a_hold_on_a_contact_or_an_account_holds_until_it_ends(anna: Contact) -> None:
    bert = actions.add_contact(ContactFields(email="b@example.org"), by=SYSTEM, at=NOW)
    actions.place_hold(
        account=anna.account_id, reason="negotiation", until=LATER, by=SYSTEM, at=NOW
    )
    hold = actions.place_hold(contact=bert, reason="bereavement", by=SYSTEM, at=NOW)
    found = queries.holds_on([anna.pk, bert.pk], NOW)
    assert {pk: [on.reason for on in ons] for pk, ons in found.items()} == {
        anna.pk: ["negotiation"],
        bert.pk: ["bereavement"],
    }
    held = Contact.objects.filter(queries.is_held(NOW)).order_by("pk")
    assert list(held) == [anna, bert]
    assert list(Contact.objects.filter(queries.is_held(LATER))) == [bert]
    actions.lift_hold(hold, by=SYSTEM, at=NOW)
    assert queries.holds_on([bert.pk], NOW) == {}


def test_a_stake_in_a_held_account_holds_too(anna: Contact) -> None:
    actions.update_contact(anna, ContactFields(account="globex"), by=SYSTEM, at=NOW)
    acme = queries.account_of("acme", viewer=SYSTEM)
    actions.place_hold(account=acme, reason="legal", by=SYSTEM, at=NOW)
    assert anna.pk in queries.holds_on([anna.pk], NOW)
    assert list(Contact.objects.filter(queries.is_held(NOW))) == [anna]
    actions.end_stake(anna, acme, by=SYSTEM, at=NOW)
    assert queries.holds_on([anna.pk], NOW) == {}


def test_the_same_source_key_places_one_hold(anna: Contact) -> None:
    given: dict[str, Any] = {"reason": "open_case", "source": "case", "source_key": "case:7"}
    one = actions.place_hold(contact=anna, by=SYSTEM, at=NOW, **given)
    actions.lift_hold(one, by=SYSTEM, at=NOW)
    two = actions.place_hold(contact=anna, by=SYSTEM, at=LATER, **given)
    assert (two.pk, Hold.objects.count(), two.lifted_at) == (one.pk, 1, NOW)


def test_what_is_no_hold_is_refused(anna: Contact) -> None:
    with pytest.raises(BadInput, match="no reason for a hold"):
        actions.place_hold(contact=anna, reason="mood", by=SYSTEM, at=NOW)
    with pytest.raises(BadInput, match="would end before it begins"):
        actions.place_hold(contact=anna, reason="other", until=NOW, by=SYSTEM, at=NOW)
    with pytest.raises(BadInput, match="one contact or on one account"):
        actions.place_hold(reason="other", by=SYSTEM, at=NOW)
    with pytest.raises(NotFound):
        actions.place_hold(contact=10**9, reason="other", by=SYSTEM, at=NOW)
    reader = Viewer(user_id=None, name="reader", can=frozenset({Can.SEE_PEOPLE}))
    with pytest.raises(NotAllowed):
        actions.place_hold(contact=anna, reason="other", by=reader, at=NOW)


def test_a_file_of_holds_is_judged_and_placed_once(
    anna: Contact, bring_in: Callable[..., Any]
) -> None:
    text = (
        "email,account,reason,until,note\n"
        "ANNA@example.org,,Open case,2026-06-01,rang\n"
        ",acme,negotiation,,\n"
        "who@example.org,,legal,,\n"
        "anna@example.org,,mood,,\n"
        "anna@example.org,,legal,2020-01-01,\n"
    )
    done = bring_in(text, kind="holds")
    assert done.report == {
        "placed": 2,
        "set apart": 3,
        "reason: unknown-who": 1,
        "reason: bad-reason": 1,
        "reason: past": 1,
    }
    again = bring_in(text, kind="holds")
    assert "placed" not in again.report
    assert Hold.objects.count() == 2
    [on] = queries.holds_on([anna.pk], NOW + timedelta(days=60))[anna.pk]
    assert (on.reason, on.source, on.account) == ("negotiation", "import", anna.account_id)


def test_two_contacts_are_never_made_one(anna: Contact) -> None:
    bert = actions.add_contact(ContactFields(email="b@example.org"), by=SYSTEM, at=NOW)
    with pytest.raises(Conflict, match=f"contacts {anna.pk} and {bert.pk}"):
        actions.update_contact(bert, ContactFields(customer="C1"), by=SYSTEM, at=NOW)
    with pytest.raises(Conflict, match=f"contact {anna.pk}"):
        said = ContactFields(customer="C2", email="anna@example.org")
        actions.add_contact(said, by=SYSTEM, at=NOW)


def test_many_at_once_have_a_verdict_each(anna: Contact) -> None:
    rows = [
        ContactFields(customer="C1", name="Anna"),
        ContactFields(email="no"),
        ContactFields(phone="0151 23456780", region="DE", attributes={"region": "North"}),
        ContactFields(name="Nobody"),
        ContactFields(customer="C1"),
    ]
    done = actions.upsert_contacts(rows, by=SYSTEM, at=NOW)
    assert [each.what for each in done] == [
        "changed", "set apart", "new", "set apart", "set apart",
    ]  # fmt: skip
    found = queries.find_contact({"phone": "+4915123456780"})
    assert found is not None
    [line] = queries.attributes_of(found, viewer=SYSTEM)
    assert (line.key, line.value) == ("region", "North")


def test_bulk_asks_no_more_for_more_rows(
    own_home: object, django_assert_max_num_queries: Any
) -> None:
    def rows(start: int) -> list[ContactFields]:
        return [
            ContactFields(email=f"u{n}@example.org", account=f"a{n % 7}")
            for n in range(start, start + 500)
        ]

    with django_assert_max_num_queries(45):
        actions.upsert_contacts(rows(0), by=SYSTEM, at=NOW)
    with django_assert_max_num_queries(45):
        actions.upsert_contacts(rows(0), by=SYSTEM, at=NOW)
    assert Contact.objects.count() == 500


def test_every_decision_is_in_the_ledger(anna: Contact) -> None:
    before = Entry.objects.count()
    actions.say(anna, Way.SMS, is_given=False, source="keyword", by=SYSTEM, at=NOW)
    hold = actions.place_hold(contact=anna, reason="other", by=SYSTEM, at=NOW)
    actions.lift_hold(hold, by=SYSTEM, at=NOW)
    assert Entry.objects.count() == before + 3
