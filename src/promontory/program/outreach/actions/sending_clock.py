"""What happens to waves on the clock: what is due is sent, reminded of, noted as sent, closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from promontory.jobs import running
from promontory.program.outreach.actions import delivery
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.actions.reminding import take_reminders
from promontory.program.outreach.actions.sending_later import SEND_LANE, later
from promontory.program.outreach.actions.sending_run import recover
from promontory.program.outreach.codes import (
    REMINDABLE,
    DeliveryState,
    Disposition,
    WaveKind,
    WaveState,
)
from promontory.program.outreach.models import Delivery, Invitation, Wave
from promontory.program.outreach.queries import sending as queries
from promontory.program.outreach.rules.messages import MOST_DELIVERIES
from promontory.program.surveys.codes import CHANNELS

_AT_ONCE = 1_000
"""How many rows a transaction touches: answers wait behind it, and larger ones are no quicker."""
_REMINDED_AT_ONCE = 250
LANES = {"sqlite": 1, "postgresql": 4}
"""How many jobs send a wave at once, each with a connection of its own."""
EVENT_WAVE_ENDS_AFTER = 2
_TO_NO_ANSWER = (
    Disposition.SENT,
    Disposition.DELIVERED,
    Disposition.DELIVERY_UNKNOWN,
    Disposition.SHOWN,
)


def send_due(*, at: datetime) -> int:
    """Enqueue a job for each lane of a wave that has something to send and no job yet."""
    recover(at=at)
    lanes = LANES[connection.vendor]
    begun = 0
    for wave in queries.waves_under_way(at=at):
        if not queries.has_due(wave, at=at):
            _finish(wave, at=at)
            continue
        busy = queries.busy_lanes(SEND_LANE)
        for lane in range(lanes):
            if (wave.pk, lane) not in busy:
                later("send_lane", at=at, wave=wave.pk, lane=lane, lanes=lanes)
                begun += 1
    return begun


def _finish(wave: Wave, *, at: datetime) -> None:
    """Note that everything of a wave has been sent; the events of a day may come for a while."""
    if wave.state != WaveState.SENDING or queries.has_planned(wave):
        return
    if Delivery.objects.filter(
        invitation__wave=wave, state__in=[DeliveryState.QUEUED, DeliveryState.SENDING]
    ).exists():
        return
    if wave.kind == WaveKind.EVENT and not _is_over(wave, at):
        return
    Wave.objects.filter(pk=wave.pk, state=WaveState.SENDING).update(state=WaveState.SENT)


def _is_over(wave: Wave, at: datetime) -> bool:
    return at - wave.created_at > timedelta(days=EVENT_WAVE_ENDS_AFTER)


def remind_due(*, at: datetime) -> int:
    """Queue the reminders that are due: only for those who have our message and no answer."""
    queued = 0
    for wave in queries.waves_under_way(at=at):
        days = _reminder_days(wave)
        for number, after in enumerate(days, start=1):
            if wave.closes_at is None or at < wave.closes_at:
                queued += _remind(wave, number, at - timedelta(days=after), at)
    return queued


def _reminder_days(wave: Wave) -> list[int]:
    days = wave.plan_kept.get("reminder_days") or (wave.plan.reminder_days if wave.plan else [])
    return sorted(int(day) for day in days)[: MOST_DELIVERIES - 1]


def _remind(wave: Wave, number: int, invited_until: datetime, at: datetime) -> int:
    waiting = Invitation.objects.filter(
        wave=wave,
        reminders__lt=number,
        invited_at__lte=invited_until,
        disposition__in=REMINDABLE,
    ).exclude(deliveries__number=number)
    # Who was asked in an app was there; nobody can be reminded of it where they are not.
    waiting = waiting.exclude(channel=CHANNELS["in_app"])
    queued = 0
    while ids := list(
        waiting.order_by("invited_at", "pk").values_list("pk", flat=True)[:_REMINDED_AT_ONCE]
    ):
        with running.checkpoint():
            allowed = take_reminders(ids, at=at)
            if allowed is None:
                return queued
            Delivery.objects.bulk_create(
                [
                    Delivery(
                        invitation_id=pk,
                        number=number,
                        state=DeliveryState.QUEUED if pk in allowed else DeliveryState.SKIPPED,
                        detail="" if pk in allowed else "asked as often as the policy allows",
                        due_at=at,
                        changed_at=at,
                    )
                    for pk in ids
                ],
                ignore_conflicts=True,
            )
        queued += len(allowed)
    return queued


def close_due(*, at: datetime) -> int:
    """Close the waves whose time is up: whoever has not answered by then gave no answer."""
    states = [WaveState.SENDING, WaveState.PAUSED, WaveState.SENT, WaveState.CANCELLED]
    due = Wave.objects.filter(state__in=states, closes_at__lte=at)
    closed = 0
    for wave in due:
        _close(wave, at)
        closed += 1
    return closed


def _close(wave: Wave, at: datetime) -> None:
    """Bring all that is open to its end, slice by slice, then close the wave."""
    after = 0
    rows = Invitation.objects.filter(wave=wave).order_by("contact_id", "event")
    while True:
        some = rows.filter(contact_id__gt=after)[:_AT_ONCE]
        slice_ = list(some.values_list("pk", "contact_id", "disposition"))
        if not slice_:
            break
        after = slice_[-1][1]
        # Whole contacts only: the events of one contact on one day belong together.
        slice_ = list(
            rows.filter(contact_id__gte=slice_[0][1], contact_id__lte=after).values_list(
                "pk", "contact_id", "disposition"
            )
        )
        silent = [pk for pk, _, now in slice_ if now in _TO_NO_ANSWER]
        unsent = [pk for pk, _, now in slice_ if now == Disposition.PLANNED]
        if silent or unsent:
            with running.checkpoint():
                dispose(silent, Disposition.NO_ANSWER, why="the close", by=delivery.BY, at=at)
                why = "the wave closed before it was sent"
                dispose(unsent, Disposition.CANCELLED, why=why, by=delivery.BY, at=at)
        running.progress(after, note="closing")
    with transaction.atomic():
        waiting = Delivery.objects.filter(invitation__wave=wave, state=DeliveryState.QUEUED)
        waiting.update(state=DeliveryState.SKIPPED, detail="the wave closed", changed_at=at)
        Wave.objects.filter(pk=wave.pk).update(state=WaveState.CLOSED)
