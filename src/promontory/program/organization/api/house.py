"""The organisation itself: who am I, its settings, its units, what was done in it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from promontory.errors import NotFound
from promontory.program.organization import actions, queries
from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Cursor,
    Limit,
    Name,
    Strict,
    answers,
    etag,
    must_match,
    not_modified,
    now,
    page,
    tagged,
    viewer,
)
from promontory.program.organization.models import Organization

router = Router(tags=["organisation"])


class Me(Schema):
    """Who you are to Promontory: your name, what you may do, the ids of the units you serve."""

    name: str
    can: list[Can]
    units: list[int] | None = Field(description="null is the whole organisation.")
    key: int | None = Field(description="The number of the API key, if one signed in.")


class OrganizationOut(Schema):
    """What holds for the whole organisation."""

    name: str
    zone: str = Field(examples=["Europe/Berlin"])
    currency: str = Field(examples=["EUR"])
    minimum_group: int
    is_demo: bool


class SettingsIn(Strict):
    """What shall change; what is left out stays. Send the ETag you read as If-Match."""

    name: Name | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$")] | None = None
    minimum_group: int | None = Field(None, ge=3, le=100)


class UnitOut(Schema):
    """A unit of the organisation's tree; `parent` is the key of the one it belongs to."""

    id: int
    key: str
    name: str
    parent: str | None


class UnitList(Schema):
    """The units you serve, each after the one it belongs to."""

    items: list[UnitOut]


class AuditLine(Schema):
    """One thing that somebody did; `entry` is its number in the ledger."""

    at: datetime
    by: str = Field(examples=["user:1", "key:3", "system"])
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
def get_me(request: HttpRequest) -> Me:
    asking = viewer(request)
    units = sorted(asking.units) if asking.units is not None else None
    return Me(name=asking.name, can=sorted(asking.can), units=units, key=asking.key_id)


@router.get(
    "/organization", response=answers(OrganizationOut), summary="The organisation's settings"
)
def get_organization(
    request: HttpRequest, response: HttpResponse
) -> OrganizationOut | HttpResponse:
    viewer(request).must(Can.SEE_SCORES)
    found = queries.organization()
    if found is None:
        raise NotFound("This installation has not been set up yet.")
    tag = _tag(found)
    if same := not_modified(request, tag):
        return same
    tagged(response, tag)
    return OrganizationOut.from_orm(found)


@router.patch("/organization", response=answers(OrganizationOut), summary="Change the settings")
def change_organization(
    request: HttpRequest, response: HttpResponse, payload: SettingsIn
) -> OrganizationOut:
    """Change the organisation's name, currency or smallest group; its time zone cannot change."""
    asking = viewer(request)
    asking.must(Can.MANAGE_INSTALLATION)
    with transaction.atomic():
        found = queries.locked_organization()
        must_match(request, _tag(found))
        now_is = OrganizationOut.from_orm(found).dict()
        said = {key: value for key, value in payload.dict().items() if value is not None}
        wanted = {key: now_is[key] for key in ("name", "currency", "minimum_group")} | said
        changed = actions.change_settings(**wanted, by=asking, at=now())
    tagged(response, _tag(changed))
    return OrganizationOut.from_orm(changed)


def _tag(found: Organization) -> str:
    return etag("organization", OrganizationOut.from_orm(found).dict())


@router.get("/units", response=answers(UnitList), summary="The units you serve")
def list_units(request: HttpRequest) -> UnitList:
    found = queries.units(viewer=viewer(request))
    return UnitList(
        items=[
            UnitOut(id=u.pk, key=u.key, name=u.name, parent=u.parent.key if u.parent else None)
            for u in found
        ]
    )


@router.get("/audit", response=answers(AuditPage), summary="What was done")
def list_audit(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> AuditPage:
    found, following = page(queries.audit_entries(viewer=viewer(request)), cursor, limit)
    return AuditPage(items=[AuditLine.from_orm(entry) for entry in found], next=following)
