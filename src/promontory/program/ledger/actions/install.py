"""The one row that names the installation; the chain starts from it."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from promontory.errors import BadInput, Conflict
from promontory.program.ledger.models import Entry, Installation


def install(*, zone: str = "UTC", using: str = "default") -> Installation:
    """Name this installation and fix the zone in which its days end; made again, returns the same.

    The zone enters the first hash of the chain, so it cannot change once there are entries.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        remedy = "Use a name such as Europe/Paris."
        raise BadInput(f"There is no time zone “{zone}”.", remedy=remedy) from None
    with transaction.atomic(using=using):
        made, _ = Installation.objects.using(using).get_or_create(pk=1, defaults={"zone": zone})
        if made.zone != zone:
            if Entry.objects.using(using).exists():
                raise Conflict(
                    f"The days of this ledger end by {made.zone}, and it already has entries.",
                    remedy="Start a new installation for another zone.",
                )
            made.zone = zone
            made.save(using=using, update_fields=["zone"])
        return made
