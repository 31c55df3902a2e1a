"""What every door of the REST API has in common: problems, pages with cursors, the viewer.

An operation declares what it returns with `answers(Schema)`, so that the OpenAPI document names
every refusal too; refusals raised anywhere below become problem details (RFC 9457).
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import ConfigDict

from promontory.errors import BadInput, Place
from promontory.program.organization.access import Viewer

LONGEST_PAGE = 500


class Problem(Schema):
    """Why a request was refused, and what to do instead (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str = ""
    row: int | None = None
    field: str = ""


class Strict(Schema):
    """A request body; a field it does not know is refused, never dropped silently."""

    model_config = ConfigDict(extra="forbid")


def answers(schema: Any, status: int = 200) -> dict[Any, Any]:
    """Return what an operation may answer: this on success, a problem on every refusal."""
    refusals = frozenset({400, 401, 403, 404, 409, 422, 429})
    return {status: schema, refusals: Problem}


def viewer(request: HttpRequest) -> Viewer:
    """Return who asks; the API's sign-in has put them on the request."""
    found: Viewer = request.viewer  # type: ignore[attr-defined]
    return found


def now() -> datetime:
    """Return the moment of a request; below the doors it is handed on as `at`."""
    return timezone.now()


def encode_cursor(*keys: int | str) -> str:
    """Return an opaque cursor after the row with these keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> list[int | str] | None:
    """Return the keys in a cursor, None for none; a broken one is refused."""
    if not cursor:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        keys = None
    if not isinstance(keys, list) or not all(isinstance(key, int | str) for key in keys):
        raise BadInput(
            "This cursor is not one of ours.",
            remedy="Take `next` from the page before, unchanged.",
            place=Place(field="cursor"),
        )
    return keys
