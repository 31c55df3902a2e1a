"""Finding a response by the number it was recorded under, and what it says so far."""

from __future__ import annotations

from django.conf import settings

from promontory.program.responses.models import Response, Verbatim
from promontory.program.responses.rules.kept import source_key


def by_given_id(survey: int, given_id: str) -> Response | None:
    """Return the response that was recorded under this id of its source, if there is one."""
    key = source_key(settings.INDEX_KEY, survey, "id", given_id)
    return Response.objects.filter(source_key=key).first()


def comment_of(response: Response) -> str:
    """Return what was written with a response so far, "" if nothing."""
    found = Verbatim.objects.filter(response=response).values_list("text", flat=True).first()
    return found or ""
