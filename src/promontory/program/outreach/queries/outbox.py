"""What was kept here instead of being sent, and what customers wrote to us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from promontory.channels.contract import Inbound
from promontory.errors import NotAllowed, NotFound
from promontory.program.ledger import actions as ledger
from promontory.program.organization.access import Viewer
from promontory.program.outreach.models import OutboxMessage
from promontory.program.outreach.rules import outbox as rules


@dataclass(frozen=True, slots=True)
class Kept:
    """One message in the clear; `said` is empty once its person is erased."""

    row: OutboxMessage
    said: dict[str, Any]


def _must_see_all(viewer: Viewer) -> None:
    """Refuse whoever may not see people, or only those of some units: messages belong to none."""
    viewer.must_see_customers()
    if viewer.units is not None:
        raise NotAllowed(
            "Messages are to customers of every unit, and you serve some of them only.",
            remedy="Let somebody look who serves the whole organisation.",
        )


def outbox(*, viewer: Viewer, channel: str = "", direction: str = "") -> QuerySet[OutboxMessage]:
    """Return the messages kept here, newest first."""
    _must_see_all(viewer)
    rows = OutboxMessage.objects.select_related("sender").order_by("-pk")
    if channel:
        rows = rows.filter(channel=channel)
    return rows.filter(direction=direction) if direction else rows


def opened_page(rows: list[OutboxMessage], *, viewer: Viewer) -> list[Kept]:
    """Return a page of messages in the clear, with one look-up of keys."""
    _must_see_all(viewer)
    keys = ledger.keys_of(row.person for row in rows if row.person is not None)
    return [Kept(row, _said(row, keys)) for row in rows]


def message(pk: int, *, viewer: Viewer) -> Kept:
    """Return one message in the clear."""
    _must_see_all(viewer)
    return opened(pk)


def opened(pk: int) -> Kept:
    """Return one message in the clear, for code that has passed the gate already."""
    row = OutboxMessage.objects.select_related("sender").filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such message.")
    keys = ledger.keys_of([row.person]) if row.person is not None else {}
    return Kept(row, _said(row, keys))


def heard(pk: int) -> Inbound | None:
    """Return what a customer wrote, as it arrived; None once the person is erased."""
    kept = opened(pk)
    return rules.inbound_of(kept.said) if kept.said else None


def _said(row: OutboxMessage, keys: dict[int, bytes]) -> dict[str, Any]:
    house = rules.house_key(settings.MASTER_KEY)
    key = house if row.person is None else keys.get(row.person)
    return rules.unseal(bytes(row.sealed), key) if key else {}
