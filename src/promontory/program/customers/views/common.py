"""What the customers' pages have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from promontory.errors import Refusal
from promontory.program.customers import queries, words
from promontory.program.customers.models import Contact, Hold
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer


def own_zone() -> str:
    """Return the zone by whose clock pages show times."""
    own = organization.organization()
    return own.zone if own else "UTC"


def told(request: HttpRequest, do: Callable[[], Any], success: str) -> None:
    """Do it, and say on the next page that it was done, or why not."""
    try:
        do()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, success)


def hold_lines(holds: Iterable[Hold], *, at: datetime, viewer: Viewer) -> list[words.HoldLine]:
    """Return holds in words, each with whom it is on."""
    listed = list(holds)
    ids = [hold.contact_id for hold in listed if hold.contact_id is not None]
    people = list(Contact.objects.filter(pk__in=ids))
    names = queries.names_of(people, viewer=viewer)
    return [words.hold_line(hold, at=at, whom=_whom(hold, names)) for hold in listed]


def _whom(hold: Hold, names: dict[int, str]) -> str:
    if hold.account is not None:
        return hold.account.name
    return names.get(hold.contact_id or 0, "erased")
