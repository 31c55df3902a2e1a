"""Who has looked at a response, and what the names of those who act are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.models import ApiKey, User
from promontory.program.responses.models import Look

_SHOWN = 20


def looks(response: int, *, viewer: Viewer) -> list[tuple[str, datetime]]:
    """Return who opened a response and when last, the latest first."""
    viewer.must(Can.SEE_ANSWERS)
    people = Look.objects.filter(response=response).values("user__name").annotate(last=Max("at"))
    return [(each["user__name"], each["last"]) for each in people.order_by("-last")[:_SHOWN]]


def names(actors: Collection[str]) -> dict[str, str]:
    """Return in words who stands behind each of these “by” of the ledger."""
    numbers: dict[str, set[int]] = {"user": set(), "key": set()}
    for actor in actors:
        kind, _, number = actor.partition(":")
        if kind in numbers and number.isdigit():
            numbers[kind].add(int(number))
    known = {
        f"user:{pk}": name
        for pk, name in User.objects.filter(pk__in=numbers["user"]).values_list("pk", "name")
    }
    known |= {
        f"key:{pk}": f"the key “{name}”"
        for pk, name in ApiKey.objects.filter(pk__in=numbers["key"]).values_list("pk", "name")
    }
    return {actor: known.get(actor, _plain(actor)) for actor in actors}


def _plain(actor: str) -> str:
    kind, _, number = actor.partition(":")
    if kind == "import":
        return f"import {number}"
    return "the installation" if actor == "system" else actor
