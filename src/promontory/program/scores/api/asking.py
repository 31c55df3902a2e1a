"""What every operation on scores takes: the parameters of the pages' addresses, and an ETag."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from promontory.program.organization.access import Viewer
from promontory.program.organization.doors import etag, now
from promontory.program.scores.queries.source import Source, open_source
from promontory.program.scores.rules.periods import GRAINS
from promontory.program.scores.rules.view import View, read_view

_PERIOD = r"^(all|dates|\d{4}(-(\d{2}|W\d{2}|Q[1-4]))?|\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2})?$"


def _parameter(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "in": "query",
        "name": name,
        "required": False,
        "description": description,
        "schema": schema,
        **more,
    }


_TEXT = {"type": "string", "maxLength": 100}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}

PARAMETERS: list[dict[str, Any]] = [
    _parameter("survey", "A survey's key; the first survey without it.", _TEXT,
               example="relationship"),
    _parameter("metric", "nps (without it), csat, ces, yes_no …", _TEXT, example="nps"),
    _parameter("period", "2026-09, 2026-W37, 2026-Q3, 2026, 2026-01-01..2026-03-15 or all; the "
               "latest that has ended without it.", {"type": "string", "pattern": _PERIOD},
               example="2026-09"),
    _parameter("from", "With `to`, instead of `period`: its first day.",
               {"type": "string", "format": "date"}),
    _parameter("to", "Its last day.", {"type": "string", "format": "date"}),
    _parameter("grain", "How the course is cut; chosen by the data without it.",
               {"type": "string", "enum": list(GRAINS)}),
    _parameter("by", "Up to two attributes to slice by (GET /slices).",
               {"type": "array", "items": _TEXT, "maxItems": 2}, style="form", explode=True),
    _parameter("filters", "f.KEY=CODE for any attribute; several codes of one key mean any of "
               "them. For example f.region=3.",
               {"type": "object", "propertyNames": {"pattern": r"^f\.[-a-zA-Z0-9_]{1,64}$"},
                "additionalProperties": _NUMBER}, style="form", explode=True),
    _parameter("against", "previous, year, or a period to compare with.", _TEXT,
               example="previous"),
    _parameter("a", "With `b`: the first of two segments to compare, as region:3.", _TEXT),
    _parameter("b", "The second of the two segments.", _TEXT),
    _parameter("method", "A method's version; the newest without it.", _NUMBER),
    _parameter("at", "An as-of position of the ledger; the newest you may see without it.",
               _NUMBER),
]  # fmt: skip
SLICING = {"by", "filters", "against", "a", "b"}
ASKED = {"parameters": PARAMETERS}
"""What is taken by an operation on any slice."""

ASKED_OF_ALL = {"parameters": [p for p in PARAMETERS if p["name"] not in SLICING]}
"""What is taken by an operation on everybody's score; a filter would be dropped silently."""

ASKED_OF_ONE = {"parameters": [p for p in PARAMETERS if p["name"] not in SLICING - {"filters"}]}
"""What is taken by an operation on one figure."""


def view_of(request: HttpRequest) -> View:
    """Return the view that the parameters ask for."""
    return read_view(request.GET)


def auto_grain(request: HttpRequest) -> bool:
    """Say whether the data may choose the grain."""
    return not request.GET.get("grain")


def tag_of(source: Source, request: HttpRequest, viewer: Viewer) -> str:
    """Return the validator of an answer: everything that its figures and words depend on.

    The view, the position and the method make the numbers; who asks, today and the house's rules
    decide what of them is shown.
    """
    return etag(
        settings.RELEASE,
        request.path,
        sorted((name, request.GET.getlist(name)) for name in request.GET),
        source.position,
        source.release.before,
        source.manifest.generation,
        source.method.pk,
        source.survey.pk,
        source.survey.promise,
        source.sight.gated,
        source.sight.minimum_group,
        sorted(viewer.can),
        None if viewer.units is None else sorted(viewer.units),
        source.today,
    )


def tag_before(request: HttpRequest, viewer: Viewer, view: View) -> str:
    """Return the validator that an answer would have now, without counting anything."""
    return tag_of(open_source(viewer, view, at=now()), request, viewer)
