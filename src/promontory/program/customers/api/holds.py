"""Holds: who is not to be asked, why, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Schema, Status
from pydantic import StringConstraints

from promontory.errors import BadInput, NotFound
from promontory.program.customers import actions, queries
from promontory.program.customers.api.routing import router
from promontory.program.customers.api.shapes import Text
from promontory.program.customers.models import Hold
from promontory.program.organization.doors import (
    Cursor,
    Id,
    Limit,
    Strict,
    answers,
    now,
    page,
    viewer,
)

ReasonName = Literal[
    "open_case", "escalated_ticket", "low_csat", "complaint", "bereavement", "legal",
    "negotiation", "other",
]  # fmt: skip


class HoldOut(Schema):
    """A hold on a contact, or on all in an account."""

    id: int
    contact: int | None
    account: str | None
    reason: str
    source: str
    source_key: str | None
    note: str
    starts_at: datetime
    ends_at: datetime | None
    lifted_at: datetime | None
    stands: bool


class HoldPage(Schema):
    """Holds, newest first; `next` is the cursor of the page after it."""

    items: list[HoldOut]
    next: str | None


class HoldIn(Strict):
    """Whom to hold back, by one of these; the same `source_key` again changes nothing."""

    contact: int | None = Field(None, ge=1, le=2**63 - 1)
    customer: Text = ""
    email: Text = ""
    phone: Text = ""
    account: Text = Field("", description="The key of an account: all in it are held back.")
    reason: ReasonName
    until: datetime | None = Field(None, description="null: until it is lifted.")
    source_key: Annotated[str, StringConstraints(max_length=200)] = ""
    note: Text = ""


def _out(hold: Hold) -> HoldOut:
    at = now()
    return HoldOut(
        contact=hold.contact_id,
        account=hold.account.key if hold.account else None,
        stands=hold.lifted_at is None and (hold.ends_at is None or hold.ends_at > at),
        **{
            name: getattr(hold, name)
            for name in (
                "id", "reason", "source", "source_key", "note", "starts_at", "ends_at", "lifted_at"
            )
        },
    )  # fmt: skip


@router.get("/holds", tags=["contacts"], response=answers(HoldPage), summary="Holds")
def list_holds(
    request: HttpRequest, standing: bool = True, cursor: Cursor = "", limit: Limit = 50
) -> HoldPage:
    """Return the holds that stand, or all there ever were."""
    found = queries.holds(viewer=viewer(request))
    if standing:
        found = found.filter(pk__in=queries.active_holds(now()))
    some, following = page(found, cursor, limit)
    return HoldPage(items=[_out(hold) for hold in some], next=following)


@router.get("/holds/{pk}", tags=["contacts"], response=answers(HoldOut), summary="One hold")
def get_hold(request: HttpRequest, pk: Id) -> HoldOut:
    return _out(queries.one_hold(pk, viewer=viewer(request)))


@router.post("/holds", tags=["contacts"], response=answers(HoldOut, 201), summary="Hold back")
def place_hold(request: HttpRequest, payload: HoldIn) -> Status[HoldOut]:
    """Let a customer, or all in an account, not be asked until an end or until it is lifted."""
    asking = viewer(request)
    contact, account = payload.contact, None
    named = {
        kind: value
        for kind in ("customer", "email", "phone")
        if (value := getattr(payload, kind).strip())
    }
    if sum((contact is not None, bool(named), bool(payload.account.strip()))) != 1:
        raise BadInput("Name one contact or one account.", remedy="Leave the other fields out.")
    if named:
        found = queries.search_contact_by(named, viewer=asking)
        if found is None:
            raise NotFound("There is no contact with this address or number.")
        contact = found.pk
    elif payload.account.strip():
        account = queries.account_of(payload.account, viewer=asking).pk
    made = actions.place_hold(
        contact=contact,
        account=account,
        reason=payload.reason,
        until=payload.until,
        note=payload.note,
        source="api",
        source_key=payload.source_key or None,
        by=asking,
        at=now(),
    )
    return Status(201, _out(made))


@router.post("/holds/{pk}/lift", tags=["contacts"], response=answers(HoldOut), summary="Lift it")
def lift_hold(request: HttpRequest, pk: Id) -> HoldOut:
    """End a hold before its time; lifted again, nothing changes."""
    asking = viewer(request)
    found = queries.one_hold(pk, viewer=asking)
    return _out(actions.lift_hold(found, by=asking, at=now()))


@router.get(
    "/contacts/{pk}/holds",
    tags=["contacts"],
    response=answers(HoldPage),
    summary="Holds on a contact and on their accounts",
)
def list_holds_of_contact(request: HttpRequest, pk: Id) -> HoldPage:
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    listed = queries.holds_of(found, viewer=asking)[:500]
    return HoldPage(items=[_out(hold) for hold in listed], next=None)
