"""The REST API of touchpoint events, of links, and of why somebody was asked or not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, P, QueryEx, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints, model_validator

from promontory.errors import NotFound
from promontory.program.customers import actions as customers
from promontory.program.customers.models import Contact
from promontory.program.organization.access import Can
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
from promontory.program.outreach import actions
from promontory.program.outreach.actions.links import close_link as close
from promontory.program.outreach.actions.links import make_link
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import OpenLink, TouchpointEvent
from promontory.program.outreach.queries import waves as queries
from promontory.program.outreach.queries.why import LastTime, why
from promontory.program.surveys import queries as surveys

router = Router(tags=["asking"])
Text = Annotated[str, StringConstraints(max_length=320)]
Only = QueryEx[str, P(max_length=64, description="Only this survey.")]


class HoldIn(Strict):
    """A hold that comes with the event: do not ask this customer until then."""

    reason: str = Field(max_length=24, examples=["complaint"])
    until: AwareDatetime | None = None
    note: str = Field("", max_length=300)


class EventIn(Strict):
    """What happened to whom; sent again with the same key, it counts once.

    `attributes.ends_at` says when a stay, a trip or an appointment is over: they are asked then,
    and not at night.
    """

    touchpoint: str = Field(max_length=64, examples=["support"])
    key: str = Field(min_length=1, max_length=200, description="Its number where it comes from.")
    customer: Text = ""
    email: Text = ""
    phone: Text = ""
    occurred_at: AwareDatetime | None = None
    attributes: dict[str, str | int | float | bool | None] = {}
    hold: HoldIn | None = None

    @model_validator(mode="after")
    def somebody(self) -> EventIn:
        if not (self.customer or self.email or self.phone):
            raise ValueError("Give a customer number, an e-mail or a telephone.")
        return self


class CaseOut(Schema):
    """What one survey makes of an event; null until its delay is over."""

    survey: str
    due_at: datetime
    disposition: str | None


class EventOut(Schema):
    """An event that was taken."""

    id: int
    touchpoint: str
    key: str
    contact: int
    occurred_at: datetime
    received_at: datetime
    surveys: list[CaseOut]


class LastOut(Schema):
    """What the last wave that had them in its frame made of them."""

    wave: int
    name: str
    disposition: str
    probability: float | None
    at: datetime | None
    sentence: str


class WhyOut(Schema):
    """Whether a survey may ask a customer now, and when next."""

    survey: str
    may: bool
    disposition: str | None
    because: str
    until: datetime | None = Field(description="null: never, as things stand.")
    sentence: str
    last: LastOut | None


class WhyList(Schema):
    """The surveys, the one of the highest priority first."""

    items: list[WhyOut]


class LinkIn(Strict):
    """A link that anybody may answer by."""

    survey: str = Field(max_length=64)
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["link", "qr", "kiosk"] = "link"
    attributes: dict[str, Annotated[str, StringConstraints(max_length=300)]] = {}
    closes_at: AwareDatetime | None = None
    is_test: bool = False


class LinkOut(Schema):
    """A link, printed code or kiosk; its answers are of an unknown population."""

    id: int
    key: str
    survey: str
    name: str
    kind: str
    attributes: dict[str, str]
    is_test: bool
    closes_at: datetime | None
    closed_at: datetime | None
    created_at: datetime


class LinkList(Schema):
    """A page of links, newest first."""

    items: list[LinkOut]
    next: str | None


@router.post(
    "/touchpoint-events", response=answers(EventOut, 202), summary="Something has happened"
)
def take_touchpoint_event(request: HttpRequest, payload: EventIn) -> Status[EventOut]:
    """Take an event; who is not known yet becomes a contact. Whom to ask is decided later."""
    asking, at = viewer(request), now()
    asking.must(Can.SEND)
    contact = customers.resolve_contact(
        email=payload.email, customer=payload.customer, phone=payload.phone, at=at
    )
    hold = payload.hold
    event = actions.take_event(
        payload.touchpoint,
        key=payload.key,
        contact=contact,
        occurred_at=payload.occurred_at or at,
        attributes=payload.attributes,
        hold=actions.NewHold(hold.reason, hold.until, hold.note) if hold else None,
        by=asking,
        at=at,
    )
    return Status(202, _event(event))


@router.get("/contacts/{id}/asking", response=answers(WhyList), summary="Why (not) asked")
def why_asked(request: HttpRequest, id: Id, survey: Only = "") -> WhyList:
    """Return, survey by survey, whether a customer may be asked, when next, and the last time."""
    asking = viewer(request)
    asking.must_see_customers()
    contact = Contact.objects.filter(pk=id).first()
    if contact is None:
        raise NotFound("There is no such contact.")
    one = surveys.survey(survey, viewer=asking) if survey else None
    items = []
    for found in why(contact, one, viewer=asking, at=now()):
        last = found.last
        items.append(
            WhyOut(
                survey=found.survey.key,
                may=found.may,
                disposition=None if found.disposition is None else _named(found.disposition),
                because=found.because,
                until=found.until,
                sentence=found.sentence,
                last=None if last is None else _last(last),
            )
        )
    return WhyList(items=items)


@router.get("/open-links", response=answers(LinkList), summary="Links, codes and kiosks")
def list_open_links(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> LinkList:
    rows, more = page(queries.links(viewer=viewer(request)), cursor, limit)
    return LinkList(items=[_link(link) for link in rows], next=more)


@router.post("/open-links", response=answers(LinkOut, 201), summary="Make a link")
def make_open_link(request: HttpRequest, payload: LinkIn) -> Status[LinkOut]:
    asking = viewer(request)
    asking.must(Can.SEND)
    given = payload.dict()
    survey = surveys.survey(given.pop("survey"), viewer=asking)
    return Status(201, _link(make_link(survey, **given, by=asking, at=now())))


@router.post("/open-links/{id}/close", response=answers(LinkOut), summary="Close a link")
def close_open_link(request: HttpRequest, id: Id) -> LinkOut:
    asking = viewer(request)
    asking.must(Can.SEND)
    return _link(close(queries.link(id, viewer=asking), by=asking, at=now()))


def _event(event: TouchpointEvent) -> EventOut:
    cases = event.outcomes.select_related("survey").order_by("survey__priority", "pk")
    return EventOut(
        id=event.pk,
        touchpoint=event.touchpoint.key,
        key=event.key,
        contact=event.contact_id,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        surveys=[
            CaseOut(
                survey=case.survey.key,
                due_at=case.due_at,
                disposition=None if case.disposition is None else _named(case.disposition),
            )
            for case in cases
        ],
    )


def _last(last: LastTime) -> LastOut:
    return LastOut(
        wave=last.wave.pk,
        name=last.wave.name,
        disposition=_named(last.disposition),
        probability=last.probability,
        at=last.at,
        sentence=last.sentence,
    )


def _link(link: OpenLink) -> LinkOut:
    names = set(LinkOut.model_fields) - {"survey", "id"}
    given = {name: getattr(link, name) for name in names}
    return LinkOut(id=link.pk, survey=link.survey.key, **given)


def _named(code: int) -> str:
    return Disposition(code).name.lower()
