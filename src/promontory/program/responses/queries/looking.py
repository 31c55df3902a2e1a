"""Who has looked at a response."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from promontory.program.organization.access import Can, Viewer
from promontory.program.responses.models import Look

_SHOWN = 20


def looks(response: int, *, viewer: Viewer) -> list[tuple[str, datetime]]:
    """Return who opened a response and when last, the latest first."""
    viewer.must(Can.SEE_ANSWERS)
    people = Look.objects.filter(response=response).values("user__name").annotate(last=Max("at"))
    return [(each["user__name"], each["last"]) for each in people.order_by("-last")[:_SHOWN]]
