"""Finding a response by the number it was recorded under."""

from __future__ import annotations

from django.conf import settings

from promontory.program.responses.models import Response
from promontory.program.responses.rules.kept import source_key


def by_given_id(survey: int, given_id: str) -> Response | None:
    """Return the response that was recorded under this id of its source, if there is one."""
    key = source_key(settings.INDEX_KEY, survey, "id", given_id)
    return Response.objects.filter(source_key=key).first()
