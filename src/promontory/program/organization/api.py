"""The REST API of the organisation: who am I, units, audit."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from promontory.program.organization import queries
from promontory.program.organization.doors import (
    LONGEST_PAGE,
    answers,
    decode_cursor,
    encode_cursor,
    viewer,
)

router = Router(tags=["organisation"])


class Me(Schema):
    """Who you are to Promontory."""

    name: str
    can: list[str]
    units: list[int] | None


class AuditLine(Schema):
    """One thing that somebody did; `entry` is its number in the ledger."""

    at: datetime
    by: str
    verb: str
    object_type: str
    object_id: str
    detail: dict[str, object]
    entry: int


class AuditPage(Schema):
    """A page of the audit, newest first; `next` is the cursor of the page after it."""

    items: list[AuditLine]
    next: str | None


@router.get("/me", response=answers(Me), summary="Who am I?")
def me(request: HttpRequest) -> Me:
    asking = viewer(request)
    units = sorted(asking.units) if asking.units is not None else None
    return Me(name=asking.name, can=sorted(asking.can), units=units)


@router.get("/audit", response=answers(AuditPage), summary="What was done")
def audit(request: HttpRequest, cursor: str | None = None, limit: int = 100) -> AuditPage:
    entries = queries.audit_entries(viewer=viewer(request))
    after = decode_cursor(cursor)
    if after:
        entries = entries.filter(pk__lt=int(after[0]))
    limit = max(1, min(limit, LONGEST_PAGE))
    found = list(entries[: limit + 1])
    more = encode_cursor(found[limit - 1].pk) if len(found) > limit else None
    return AuditPage(items=[AuditLine.from_orm(entry) for entry in found[:limit]], next=more)
