"""Rate limits per key, kept in the database so that all workers share them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from promontory.jobs import rules
from promontory.jobs.models import Bucket
from promontory.jobs.policy import Rate


def book(rate: Rate, *, at: datetime) -> datetime:
    """Book the next start under this rate and return the instant from which it is allowed.

    The booking stands even when that instant lies ahead: the one who booked waits for it, and a
    thousand who come at once are spread over their own instants instead of trying in vain.
    """
    with transaction.atomic():
        Bucket.objects.bulk_create([Bucket(key=rate.key, booked_until=at)], ignore_conflicts=True)
        bucket = Bucket.objects.select_for_update().get(key=rate.key)
        bucket.booked_until = rules.next_slot(bucket.booked_until, rate=rate, at=at)
        bucket.save(update_fields=["booked_until"])
    return rules.slot_start(bucket.booked_until, rate=rate)
