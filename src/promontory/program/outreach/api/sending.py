"""The REST API of sending: start, pause, go on, cancel; how far; which messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from promontory.program.organization.access import Can, Viewer
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
from promontory.program.outreach.actions import sending as actions
from promontory.program.outreach.actions.outbox import looked_at
from promontory.program.outreach.models import Delivery, Wave
from promontory.program.outreach.queries import outbox as outbox_queries
from promontory.program.outreach.queries import sending as queries

router = Router(tags=["sending"])


class StartIn(Strict):
    """The window in which a wave goes out; left out, at once and as fast as the sender allows."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None


class ProgressOut(Schema):
    """How far the sending of a wave has come."""

    wave: int
    state: str = Field(examples=["sending"])
    problem: str = Field(description="Why it paused by itself; empty if it did not.")
    total: int
    planned: int
    unknown: int = Field(description="Nobody can say whether these went out; never repeated.")
    dispositions: dict[str, int] = Field(examples=[{"sent": 1200, "planned": 800}])
    per_minute: float
    expected_end: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    closes_at: datetime | None


class AgainOut(Schema):
    """How many messages are sent once more."""

    deliveries: int


class DeliveryOut(Schema):
    """One attempt to bring an invitation or a reminder to its customer."""

    id: int
    invitation: int
    number: int = Field(description="0 is the invitation, 1 its first reminder.")
    sender: str | None = Field(description="null: kept in the outbox.")
    state: str
    detail: str
    tries: int
    sent_at: datetime | None
    address: str | None = Field(description="null without the right to see people.")


class DeliveryList(Schema):
    """A page of deliveries, newest first."""

    items: list[DeliveryOut]
    next: str | None


class MessageOut(Schema):
    """A message kept here; null where its person was erased."""

    id: int
    channel: str
    direction: Literal["in", "out"]
    at: datetime
    sender: str | None
    to: str | None
    subject: str | None
    text: str | None
    html: str | None


class MessageList(Schema):
    """A page of kept messages, newest first."""

    items: list[MessageOut]
    next: str | None


def _progress(wave: Wave, asking: Viewer) -> ProgressOut:
    wave.refresh_from_db()
    found = queries.progress(wave, viewer=asking, at=now())
    return ProgressOut(
        wave=wave.pk,
        state=wave.state,
        problem=wave.problem,
        total=found.total,
        planned=found.planned,
        unknown=found.unknown,
        dispositions={code.name.lower(): count for code, count in found.counts.items()},
        per_minute=found.per_minute,
        expected_end=found.ends_at,
        starts_at=wave.starts_at,
        ends_at=wave.ends_at,
        closes_at=wave.closes_at,
    )


@router.get("/waves/{id}/sending", response=answers(ProgressOut), summary="How far a wave is")
def get_sending(request: HttpRequest, id: Id) -> ProgressOut:
    asking = viewer(request)
    return _progress(queries.wave(id, viewer=asking), asking)


@router.post("/waves/{id}/start", response=answers(ProgressOut), summary="Send a drawn wave")
def start_wave(request: HttpRequest, id: Id, payload: StartIn) -> ProgressOut:
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = queries.wave(id, viewer=asking)
    actions.start_wave(
        wave, starts_at=payload.starts_at, ends_at=payload.ends_at, by=asking, at=now()
    )
    return _progress(wave, asking)


@router.post("/waves/{id}/pause", response=answers(ProgressOut), summary="Stop sending for now")
def pause_wave(request: HttpRequest, id: Id) -> ProgressOut:
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = queries.wave(id, viewer=asking)
    actions.pause_wave(wave, by=asking, at=now())
    return _progress(wave, asking)


@router.post("/waves/{id}/resume", response=answers(ProgressOut), summary="Go on sending")
def resume_wave(request: HttpRequest, id: Id) -> ProgressOut:
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = queries.wave(id, viewer=asking)
    actions.resume_wave(wave, by=asking, at=now())
    return _progress(wave, asking)


@router.post(
    "/waves/{id}/cancel-sending", response=answers(ProgressOut), summary="Send nothing more of it"
)
def cancel_sending(request: HttpRequest, id: Id) -> ProgressOut:
    """Whoever was asked already may answer until the wave closes."""
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = queries.wave(id, viewer=asking)
    actions.cancel_sending(wave, by=asking, at=now())
    return _progress(wave, asking)


@router.post(
    "/waves/{id}/send-again", response=answers(AgainOut), summary="Send the unknown once more"
)
def send_again(request: HttpRequest, id: Id) -> AgainOut:
    """Some customers may get the same message twice: nobody can say whether the first went out."""
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = queries.wave(id, viewer=asking)
    return AgainOut(deliveries=actions.send_again(wave, by=asking, at=now()))


@router.get("/waves/{id}/deliveries", response=answers(DeliveryList), summary="Its messages")
def list_deliveries(
    request: HttpRequest, id: Id, cursor: Cursor = "", limit: Limit = 100
) -> DeliveryList:
    asking = viewer(request)
    asking.must(Can.SEND)
    rows = queries.deliveries(queries.wave(id, viewer=asking), viewer=asking)
    some, more = page(rows, cursor, limit)
    addresses = queries.addresses(some, viewer=asking)
    return DeliveryList(items=[_delivery(each, addresses) for each in some], next=more)


def _delivery(delivery: Delivery, addresses: dict[int, str]) -> DeliveryOut:
    return DeliveryOut(
        id=delivery.pk,
        invitation=delivery.invitation_id,
        number=delivery.number,
        sender=delivery.sender.key if delivery.sender else None,
        state=delivery.state,
        detail=delivery.detail,
        tries=delivery.tries,
        sent_at=delivery.sent_at,
        address=addresses.get(delivery.pk),
    )


@router.get("/outbox", response=answers(MessageList), summary="What was kept instead of sent")
def list_outbox(
    request: HttpRequest,
    channel: Literal["", "email", "sms", "ivr"] = "",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> MessageList:
    asking = viewer(request)
    some, more = page(outbox_queries.outbox(viewer=asking, channel=channel), cursor, limit)
    kept = outbox_queries.opened_page(some, viewer=asking)
    return MessageList(items=[_message(each) for each in kept], next=more)


@router.get("/outbox/{id}", response=answers(MessageOut), summary="One kept message")
def get_message(request: HttpRequest, id: Id) -> MessageOut:
    """That you looked is written into the audit."""
    asking = viewer(request)
    kept = outbox_queries.message(id, viewer=asking)
    looked_at(kept.row, by=asking, at=now())
    return _message(kept)


def _message(kept: outbox_queries.Kept) -> MessageOut:
    said = kept.said
    return MessageOut(
        id=kept.row.pk,
        channel=kept.row.channel,
        direction="in" if kept.row.direction == "in" else "out",
        at=kept.row.at,
        sender=said.get("from"),
        to=said.get("to"),
        subject=said.get("subject"),
        text=said.get("text"),
        html=said.get("html"),
    )
