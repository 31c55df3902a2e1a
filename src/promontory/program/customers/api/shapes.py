"""What the API says about a contact, and what may be said to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from promontory.program.customers import queries
from promontory.program.customers.actions import ContactFields
from promontory.program.customers.codes import Way
from promontory.program.customers.models import Contact
from promontory.program.customers.rules.consents import ways_of
from promontory.program.organization.access import Viewer
from promontory.program.organization.doors import SLUG, Strict, etag

Text = Annotated[str, StringConstraints(max_length=300)]
Short = Annotated[str, StringConstraints(max_length=64)]
DimensionKey = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=SLUG)]
WayName = Literal["email", "sms", "voice", "in_app"]
BasisName = Literal[
    "", "consent", "contract", "legitimate_interest", "legal_obligation", "public_task"
]
_NAMES: dict[Way, WayName] = {
    Way.EMAIL: "email",
    Way.SMS: "sms",
    Way.VOICE: "voice",
    Way.IN_APP: "in_app",
}


class StakeOut(Schema):
    """The part that a contact plays in an account."""

    account: str
    role: str


class ContactOut(Schema):
    """A customer as they stand; `open` are the ways by which they may be asked now."""

    id: int
    customer: str
    email: str
    phone: str
    name: str
    language: str
    zone: str
    basis: str
    stakes: list[StakeOut]
    attributes: dict[str, str]
    open: list[str] = Field(examples=[["email", "in_app"]])
    closed: list[str]
    failing: list[str]
    held: bool
    created_at: datetime


class ContactIn(Strict):
    """What is said of a contact: what is left out or null stays, "" takes away what is there.

    A telephone number needs its country code, or the `region` by whose rules it is read.
    """

    email: Text | None = Field(None, examples=["anna@example.org"])
    phone: Text | None = Field(None, examples=["+4915123456789"])
    name: Text | None = None
    account: Text | None = Field(None, examples=["acme"])
    account_name: Text | None = None
    stake: Text | None = Field(None, examples=["decider"])
    language: Short | None = Field(None, examples=["pt-BR"])
    zone: Short | None = Field(None, examples=["Europe/Berlin"])
    household: Text | None = None
    basis: BasisName | None = None
    region: Annotated[str, StringConstraints(max_length=2, pattern=r"^[A-Z]*$")] = ""
    attributes: dict[DimensionKey, Text] = Field({}, max_length=200)


class ContactRow(ContactIn):
    """A contact by any of its identifiers."""

    customer: Text | None = Field(None, examples=["C-1001"])


def said_of(payload: ContactIn, *, customer: str | None = None) -> ContactFields:
    """Return a payload as the action takes it."""
    told = payload.dict()
    return ContactFields(**(told if customer is None else told | {"customer": customer}))


def way_names(mask: int) -> list[str]:
    """Return the ways of a mask by their names."""
    return [_NAMES[way] for way in ways_of(mask)]


def mask_of(names: list[WayName]) -> int:
    """Return the mask of these ways."""
    by_name = {name: int(way) for way, name in _NAMES.items()}
    return sum({by_name[name] for name in names})


def contact_out(contact: Contact, *, viewer: Viewer, at: datetime) -> ContactOut:
    """Return a contact with all that may be seen of it."""
    said = queries.details(contact, viewer=viewer)
    stakes = contact.stakes.select_related("account").order_by("pk")[:200]
    attributes = queries.attributes_of(contact, viewer=viewer)
    return ContactOut(
        id=contact.pk,
        **{kind: said.get(kind, "") for kind in ("customer", "email", "phone", "name")},
        language=contact.language,
        zone=contact.zone,
        basis=contact.basis,
        stakes=[StakeOut(account=s.account.key, role=s.role) for s in stakes],
        attributes={line.key: line.value for line in attributes},
        open=way_names(queries.ways_open(contact)),
        closed=way_names(contact.closed),
        failing=way_names(contact.failing),
        held=contact.pk in queries.holds_on([contact.pk], at),
        created_at=contact.created_at,
    )


def tag_of(contact: ContactOut) -> str:
    """Return the validator over all that is said of a contact."""
    return etag("contact", contact.dict())
