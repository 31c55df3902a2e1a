"""Rate limits per key, kept in the database so that all workers share them."""

from __future__ import annotations

from datetime import datetime, timedelta

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


def take(rate: Rate, *, at: datetime) -> datetime | None:
    """Book a start that may be made now, and return None; else book nothing and return from when.

    For those who are turned away instead of waiting.
    """
    with transaction.atomic():
        _forget_idle(rate, at=at)
        bucket, _ = Bucket.objects.select_for_update().get_or_create(
            key=rate.key, defaults={"booked_until": at}
        )
        booked = rules.next_slot(bucket.booked_until, rate=rate, at=at)
        due = rules.slot_start(booked, rate=rate)
        if due > at:
            return due
        bucket.booked_until = booked
        bucket.save(update_fields=["booked_until"])
    return None


def give_back(rate: Rate, *, at: datetime) -> None:
    """Undo one booking that turned out not to count."""
    with transaction.atomic():
        bucket = Bucket.objects.select_for_update().filter(key=rate.key).first()
        if bucket is not None and bucket.booked_until > at:
            bucket.booked_until -= rate.interval
            bucket.save(update_fields=["booked_until"])


def _forget_idle(rate: Rate, *, at: datetime) -> None:
    """Delete the full buckets of the same kind: such a one says no more than none at all."""
    kind = rate.key.rpartition(":")[0]
    if kind:
        long_ago = at - max(rate.per, timedelta(days=1))
        Bucket.objects.filter(key__startswith=f"{kind}:", booked_until__lt=long_ago).delete()
