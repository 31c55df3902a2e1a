"""Problem documents (RFC 9457): the one form in which the API says no."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from promontory.errors import BadInput, Refusal, TooMany
from promontory.program.organization.doors import Fault, Problem

CONTENT_TYPE = "application/problem+json"


def problem(
    status: int,
    slug: str,
    detail: str,
    *,
    remedy: str = "",
    row: int | None = None,
    field: str = "",
    errors: list[Fault] | None = None,
) -> HttpResponse:
    """Return a problem document."""
    document = Problem(
        type=f"urn:promontory:problem:{slug}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        remedy=remedy,
        row=row,
        field=field,
        errors=errors or [],
    )
    # Escaped, because what is wrong may be a text that no encoding can say.
    body = json.dumps(document.model_dump(), ensure_ascii=True)
    response = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def of_refusal(error: Refusal) -> HttpResponse:
    """Return the problem document of a refusal."""
    place = error.place if isinstance(error, BadInput) else None
    response = problem(
        error.status,
        error.slug,
        error.message,
        remedy=error.remedy,
        row=place.row if place else None,
        field=place.field if place else "",
    )
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def of_faults(errors: list[dict[str, Any]]) -> HttpResponse:
    """Return the problem document of fields that are not as the schema says, naming each."""
    faults = [Fault(field=_field(error["loc"]), message=str(error["msg"])) for error in errors[:50]]
    first = faults[0] if faults else Fault(field="", message="is not valid")
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    detail = f"{first.field}: {first.message}{more}" if first.field else f"{first.message}{more}"
    return problem(422, "bad-input", detail, field=first.field, errors=faults)


def _field(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location[1:] if part != "payload")[:300]


_WORDS = {
    400: ("malformed", "The request cannot be read.", "Check its form, and send it again."),
    403: ("not-allowed", "This is not allowed.", "Use an API key."),
    404: ("not-found", "There is nothing at this address.", "See GET /api/v1/openapi.json."),
    405: ("method-not-allowed", "This address does not take this method.", "See Allow."),
    500: (
        "broken",
        "Something went wrong on our side; nothing was changed.",
        "Try again; if it stays, look into the server's log or run promontory doctor.",
    ),
}


def of_status(status: int) -> HttpResponse:
    """Return the problem document of an answer that had none of its own."""
    known = status if status in _WORDS else (500 if status >= 500 else 400)
    slug, detail, remedy = _WORDS[known]
    return problem(status, slug, detail, remedy=remedy)
