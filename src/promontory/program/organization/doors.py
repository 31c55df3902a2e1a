"""What every door of the REST API has in common: problems, cursors, ETags, the viewer.

An operation declares what it returns with `answers(Schema)`; refusals raised anywhere below become
problem details (RFC 9457), which the OpenAPI document adds to every operation by itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import parse_etags
from ninja import Field, P, PathEx, QueryEx, Schema
from pydantic import ConfigDict, StringConstraints

from promontory.errors import BadInput, Conflict, Place
from promontory.program.organization.access import Viewer

LONGEST_PAGE = 500
LARGEST_ID = 2**63 - 1
SLUG = r"^[-a-zA-Z0-9_]+$"

Id = PathEx[int, P(ge=1, le=LARGEST_ID, description="Its number.")]
Key = PathEx[str, P(max_length=64, pattern=SLUG, description="Its key, as in addresses.")]
Limit = QueryEx[int, P(ge=1, le=LONGEST_PAGE, description="How many at most.")]
Cursor = QueryEx[
    str, P(max_length=400, description="`next` of the page before; leave it out for the first.")
]
Slug = Annotated[str, StringConstraints(max_length=64, pattern=r"^[-a-zA-Z0-9_]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class Fault(Schema):
    """One field that is wrong, and why."""

    field: str
    message: str


class Problem(Schema):
    """Why a request was refused, and what to do instead (RFC 9457)."""

    type: str = Field(examples=["urn:promontory:problem:bad-input"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["“2026-13” is not a period."])
    remedy: str = Field("", examples=["Write 2026-09, 2026-W37, 2026-Q3 or 2026."])
    row: int | None = None
    field: str = Field("", examples=["period"])
    errors: list[Fault] = []


class Strict(Schema):
    """A request body; a field it does not know is refused, never dropped silently."""

    model_config = ConfigDict(extra="forbid")


class Stale(Conflict):
    """What the caller read has changed since (If-Match); read it again first."""

    status = 412
    slug = "changed-meanwhile"


def answers(schema: Any, status: int = 200) -> dict[Any, Any]:
    """Return what an operation answers on success; refusals are documented for all alike."""
    return {status: schema}


def viewer(request: HttpRequest) -> Viewer:
    """Return who asks; the API's sign-in has put them on the request."""
    found: Viewer = request.viewer  # type: ignore[attr-defined]
    return found


def now() -> datetime:
    """Return the moment of a request; below the doors it is handed on as `at`."""
    return timezone.now()


def client_of(request: HttpRequest) -> str:
    """Return the network address a request came from; "" where it is not known.

    Behind our own proxy it is the last of X-Forwarded-For, the one that the proxy itself wrote.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE else ""
    last = forwarded.rpartition(",")[2].strip()
    return str(last or request.META.get("REMOTE_ADDR") or "")[:64]


def encode_cursor(*keys: int | str) -> str:
    """Return an opaque cursor after the row with these keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> list[int | str] | None:
    """Return the keys in a cursor, None for none; a broken one is refused."""
    if not cursor:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        keys = None
    if not isinstance(keys, list) or not keys or not all(map(_is_key, keys)):
        raise BadInput(
            "This cursor is not one of ours.",
            remedy="Take `next` from the page before, unchanged.",
            place=Place(field="cursor"),
        )
    return keys


def _is_key(key: object) -> bool:
    if isinstance(key, str):
        return "\0" not in key and key.isprintable()
    return isinstance(key, int) and not isinstance(key, bool) and 0 <= key <= LARGEST_ID


def after(cursor: str | None) -> int | None:
    """Return the number of the row a page begins after, in lists ordered by number."""
    keys = decode_cursor(cursor)
    if keys is None:
        return None
    if not isinstance(keys[0], int):
        raise BadInput("This cursor belongs to another list.", place=Place(field="cursor"))
    return keys[0]


def page(rows: Any, cursor: str | None, limit: int) -> tuple[list[Any], str | None]:
    """Return the rows after a cursor, newest first, and the cursor of the page after them."""
    before = after(cursor)
    found = rows.order_by("-pk") if before is None else rows.filter(pk__lt=before).order_by("-pk")
    some = list(found[: limit + 1])
    more = encode_cursor(some[limit - 1].pk) if len(some) > limit else None
    return some[:limit], more


def etag(*parts: object) -> str:
    """Return a strong validator over everything a representation depends on."""
    said = json.dumps(parts, default=str, sort_keys=True)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def not_modified(request: HttpRequest, tag: str) -> HttpResponse | None:
    """Return 304 if the caller has this representation already (If-None-Match)."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" not in known and tag not in [one.removeprefix("W/") for one in known]:
        return None
    return tagged(HttpResponse(status=304), tag)


def tagged(response: HttpResponse, tag: str) -> HttpResponse:
    """Put the validator on a response; it is the caller's own and is asked for again each time."""
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def must_match(request: HttpRequest, tag: str) -> None:
    """Refuse a write whose caller read something older (If-Match)."""
    said = request.headers.get("If-Match")
    if said is None or said.strip() == "*":
        return
    if tag not in parse_etags(said):
        raise Stale(
            "It has changed since you read it.",
            remedy="Read it again, and send the new ETag as If-Match.",
        )
