"""Finding and reading responses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, P, QueryEx, Schema
from pydantic import StringConstraints

from promontory.errors import BadInput, Place
from promontory.program.customers import queries as customers
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import LARGEST_ID, Cursor, Id, answers, now, viewer
from promontory.program.responses import actions, queries
from promontory.program.responses.api.routing import router
from promontory.program.responses.api.shapes import ResponseOut, instant, shown
from promontory.program.responses.queries import Filters
from promontory.program.responses.queries.looking import looks
from promontory.program.surveys import queries as surveys

FILTER = "f."
FILTERS: list[dict[str, Any]] = [
    {
        "in": "query",
        "name": "filters",
        "required": False,
        "description": "f.KEY=CODE for any attribute (GET /slices/KEY says the codes).",
        "style": "form",
        "explode": True,
        "schema": {
            "type": "object",
            "propertyNames": {"pattern": r"^f\.[-a-zA-Z0-9_]{1,64}$"},
            "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        },
    }
]
Text = Annotated[str, StringConstraints(max_length=200)]


class ResponsePage(Schema):
    """Responses, newest first; `next` is the cursor of the page after it."""

    items: list[ResponseOut]
    next: str | None


class LookOut(Schema):
    """Somebody who opened a response, and when last."""

    name: str
    at: datetime


class LookList(Schema):
    """Who looked, the latest first."""

    items: list[LookOut] = Field(description="At most twenty.")


@router.get(
    "/responses",
    response=answers(ResponsePage),
    summary="Find responses",
    openapi_extra={"parameters": FILTERS},
)
def list_responses(
    request: HttpRequest,
    survey: Text = "",
    group: Literal["", "promoter", "passive", "detractor"] = "",
    words: Text = "",
    since: datetime | None = None,
    until: datetime | None = None,
    has_comment: bool | None = None,
    excluded: bool | None = None,
    source: QueryEx[int | None, P(ge=1, le=LARGEST_ID)] = None,
    unit: Text = "",
    cursor: Cursor = "",
    limit: QueryEx[int, P(ge=1, le=200)] = 50,
) -> ResponsePage:
    """Return the responses that fit; `words` must all stand in the comment."""
    asking = viewer(request)
    asking.must(Can.SEE_ANSWERS)
    filters = Filters(
        survey=surveys.survey(survey, viewer=asking).pk if survey else None,
        group=group,
        words=words,
        since=instant(since, "since"),
        until=instant(until, "until"),
        attributes=_attributes(request),
        has_comment=has_comment,
        excluded=excluded,
        source=source,
        unit=organization.unit(unit, viewer=asking).pk if unit else None,
    )
    page = queries.search(filters, viewer=asking, cursor=cursor, size=limit)
    return ResponsePage(items=[shown(row) for row in page.rows], next=page.next or None)


@router.get("/responses/{pk}", response=answers(ResponseOut), summary="One response")
def get_response(request: HttpRequest, pk: Id) -> ResponseOut:
    """Return one response with its history; that you looked is remembered."""
    return shown(actions.open_response(pk, by=viewer(request), at=now()))


@router.get("/responses/{pk}/looks", response=answers(LookList), summary="Who looked at it")
def list_looks(request: HttpRequest, pk: Id) -> LookList:
    asking = viewer(request)
    queries.one(pk, viewer=asking)
    found = looks(pk, viewer=asking)
    return LookList(items=[LookOut(name=name, at=at) for name, at in found])


def _attributes(request: HttpRequest) -> dict[int, int]:
    found: dict[int, int] = {}
    for name in request.GET:
        if not name.startswith(FILTER):
            continue
        values = [value for value in request.GET.getlist(name) if value]
        if len(values) > 1:
            raise BadInput("An attribute has one value here.", place=Place(field=name))
        dimension = customers.dimension(name.removeprefix(FILTER))
        if dimension is None:
            raise BadInput(
                f"There is no attribute “{name.removeprefix(FILTER)}”.", place=Place(field=name)
            )
        for value in values:
            if not (value.isascii() and value.isdigit() and len(value) < 10):
                raise BadInput(f"“{value}” is not the code of a value.", place=Place(field=name))
            found[dimension.pk] = int(value)
    return found
