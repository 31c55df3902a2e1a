"""API keys: what lets programs in, each with no more scopes than its owner has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from promontory.program.organization import actions, queries
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
from promontory.program.organization.models import ApiKey

router = Router(tags=["keys"])


class KeyOut(Schema):
    """An API key, without its secret, which only its maker has seen."""

    id: int
    name: str
    prefix: str
    owner: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class KeyPage(Schema):
    """Your keys (everybody's, if you manage people), newest first."""

    items: list[KeyOut]
    next: str | None


class KeyIn(Strict):
    """A key of your own; it may do what both its scopes and your role allow."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    scopes: list[Can] = Field(min_length=1, max_length=len(Can), examples=[["see_scores"]])


class KeyMade(Schema):
    """The key and its secret, shown this once: “Authorization: Bearer <secret>”."""

    key: KeyOut
    secret: str


def _key(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=key.pk,
        name=key.name,
        prefix=key.prefix,
        owner=key.user.name,
        scopes=key.scopes,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )


@router.get("/keys", response=answers(KeyPage), summary="API keys")
def list_keys(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> KeyPage:
    found, following = page(queries.keys(viewer=viewer(request)), cursor, limit)
    return KeyPage(items=[_key(key) for key in found], next=following)


@router.post("/keys", response=answers(KeyMade, 201), summary="Make an API key")
def make_key(request: HttpRequest, payload: KeyIn) -> Status[KeyMade]:
    scopes = sorted(set(payload.scopes))
    key, secret = actions.make_key(name=payload.name, scopes=scopes, by=viewer(request), at=now())
    return Status(201, KeyMade(key=_key(key), secret=secret))


@router.delete("/keys/{pk}", response=answers(None, 204), summary="Revoke an API key")
def revoke_key(request: HttpRequest, pk: Id) -> Status[None]:
    asking = viewer(request)
    actions.revoke_key(queries.key(pk, viewer=asking), by=asking, at=now())
    return Status(204, None)
