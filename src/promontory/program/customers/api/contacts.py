"""Contacts: by their number with us, by yours, one by one or a thousand at a time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Field, P, PathEx, Schema

from promontory.errors import BadInput
from promontory.program.customers import actions, queries
from promontory.program.customers.api.routing import router
from promontory.program.customers.api.shapes import (
    ContactIn,
    ContactOut,
    ContactRow,
    Text,
    contact_out,
    said_of,
    tag_of,
)
from promontory.program.customers.rules.reasons import explain
from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Id,
    Strict,
    answers,
    must_match,
    not_modified,
    now,
    tagged,
    viewer,
)

MOST_ROWS = 1_000
Customer = PathEx[str, P(min_length=1, max_length=200, description="Your number of the customer.")]


class SearchIn(Strict):
    """Whom to look for, by one exact address or number: they are kept encrypted."""

    email: Text = ""
    customer: Text = ""
    phone: Text = ""


class ContactList(Schema):
    """The contacts found; there is one or none."""

    items: list[ContactOut]


class BulkIn(Strict):
    """Contacts to be made or brought up to date."""

    contacts: list[ContactRow] = Field(min_length=1, max_length=MOST_ROWS)


class VerdictOut(Schema):
    """What became of one row, counted from 1; `reasons` say why it was set apart."""

    row: int
    id: int | None
    result: str = Field(examples=["new", "changed", "unchanged", "further account", "set apart"])
    reasons: list[str]


class BulkOut(Schema):
    """What became of each row, in their order; a row set apart stops no other."""

    items: list[VerdictOut]


class ChangeOut(Schema):
    """That an attribute changed; "" stands for no value."""

    attribute: str
    was: str
    now: str
    at: datetime
    by: str


class AttributesOut(Schema):
    """The attributes of a contact now, and their latest changes, newest first."""

    attributes: dict[str, str]
    changes: list[ChangeOut]


# Before the addresses with a number, which would take these words for one.
@router.post(
    "/contacts/search", tags=["contacts"], response=answers(ContactList), summary="Find a contact"
)
def search_contacts(request: HttpRequest, payload: SearchIn) -> ContactList:
    """Find the contact with exactly this address or number; that you looked is written down."""
    asking, at = viewer(request), now()
    asking.must_see_customers()
    wanted = {kind: value for kind, value in payload.dict().items() if value.strip()}
    if len(wanted) != 1:
        raise BadInput("Name one of email, customer and phone.", remedy="Ask for one at a time.")
    found = queries.find_contact(wanted)
    if found is None:
        return ContactList(items=[])
    opened = actions.open_contact(found.pk, by=asking, at=at)
    return ContactList(items=[contact_out(opened, viewer=asking, at=at)])


@router.post(
    "/contacts/bulk",
    tags=["contacts"],
    response=answers(BulkOut),
    summary="Make or update up to 1,000 contacts",
)
def upsert_contacts(request: HttpRequest, payload: BulkIn) -> BulkOut:
    """Make or update contacts by any of their identifiers, and say what became of each row."""
    done = actions.upsert_contacts(
        [said_of(row) for row in payload.contacts], source="api", by=viewer(request), at=now()
    )
    return BulkOut(
        items=[
            VerdictOut(
                row=each.row,
                id=each.contact,
                result=each.what,
                reasons=[explain(reason) for reason in each.reasons],
            )
            for each in done
        ]
    )


@router.get("/contacts/{pk}", tags=["contacts"], response=answers(ContactOut), summary="A contact")
def get_contact(request: HttpRequest, response: HttpResponse, pk: Id) -> ContactOut | HttpResponse:
    """Return one contact; that you looked is written into the audit."""
    asking, at = viewer(request), now()
    found = actions.open_contact(pk, by=asking, at=at)
    return _answer(request, response, contact_out(found, viewer=asking, at=at))


@router.get(
    "/contacts/external/{customer}",
    tags=["contacts"],
    response=answers(ContactOut),
    summary="A contact by your number",
)
def get_contact_by_customer(
    request: HttpRequest, response: HttpResponse, customer: Customer
) -> ContactOut | HttpResponse:
    """Return the contact with your number; that you looked is written into the audit."""
    asking, at = viewer(request), now()
    found = queries.contact_of(customer, viewer=asking)
    found = actions.open_contact(found.pk, by=asking, at=at)
    return _answer(request, response, contact_out(found, viewer=asking, at=at))


def _answer(
    request: HttpRequest, response: HttpResponse, found: ContactOut
) -> ContactOut | HttpResponse:
    tag = tag_of(found)
    if same := not_modified(request, tag):
        return same
    tagged(response, tag)
    return found


@router.put(
    "/contacts/external/{customer}",
    tags=["contacts"],
    response=answers(ContactOut),
    summary="Make or update a contact by your number",
)
def put_contact_by_customer(
    request: HttpRequest, response: HttpResponse, customer: Customer, payload: ContactIn
) -> ContactOut:
    """Make the contact with your number, or change what is said; the rest stays.

    An address that belongs to another contact is refused, and both are named.
    """
    asking, at = viewer(request), now()
    asking.must(Can.MANAGE_CUSTOMERS)
    made = actions.add_contact(said_of(payload, customer=customer), source="api", by=asking, at=at)
    found = contact_out(made, viewer=asking, at=at)
    tagged(response, tag_of(found))
    return found


@router.patch(
    "/contacts/{pk}", tags=["contacts"], response=answers(ContactOut), summary="Change a contact"
)
def patch_contact(
    request: HttpRequest, response: HttpResponse, pk: Id, payload: ContactRow
) -> ContactOut:
    """Change what is said of a contact, its identifiers too. If-Match guards against races."""
    asking, at = viewer(request), now()
    asking.must(Can.MANAGE_CUSTOMERS)
    with transaction.atomic():
        found = queries.one_contact(pk, viewer=asking, hold=True)
        must_match(request, tag_of(contact_out(found, viewer=asking, at=at)))
        made = actions.update_contact(found, said_of(payload), source="api", by=asking, at=at)
    changed = contact_out(made, viewer=asking, at=at)
    tagged(response, tag_of(changed))
    return changed


@router.get(
    "/contacts/{pk}/attributes",
    tags=["contacts"],
    response=answers(AttributesOut),
    summary="A contact's attributes and how they changed",
)
def get_contact_attributes(request: HttpRequest, pk: Id) -> AttributesOut:
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    return AttributesOut(
        attributes={line.key: line.value for line in queries.attributes_of(found, viewer=asking)},
        changes=[
            ChangeOut(attribute=c.label, was=c.was, now=c.now, at=c.at, by=c.by)
            for c in queries.attribute_history(found, viewer=asking)
        ],
    )


@router.delete(
    "/contacts/{pk}/stakes/{account}",
    tags=["contacts"],
    response=answers(ContactOut),
    summary="End a contact's stake in an account",
)
def end_stake(request: HttpRequest, pk: Id, account: Customer) -> ContactOut:
    asking, at = viewer(request), now()
    asking.must(Can.MANAGE_CUSTOMERS)
    found = queries.one_contact(pk, viewer=asking)
    actions.end_stake(found, queries.account_of(account, viewer=asking), by=asking, at=at)
    return contact_out(queries.one_contact(pk, viewer=asking), viewer=asking, at=at)
