"""Starting, pausing, going on with and ending the sending of a wave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from promontory.errors import BadInput, Conflict, NotFound, Place
from promontory.jobs import running
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.actions.sending_later import later
from promontory.program.outreach.codes import DeliveryState, Disposition, WaveState
from promontory.program.outreach.models import Delivery, Invitation, Wave

_AT_ONCE = 1_000
_SLICE = {"sqlite": 1_000, "postgresql": 20_000}
# Multiples of the golden section: any run of numbers falls evenly over the window.
_SPREAD = 618_034, 1_000_003
LONGEST_DRIP = timedelta(days=90)


@transaction.atomic
def start_wave(
    wave: Wave,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    by: Viewer,
    at: datetime,
) -> Wave:
    """Let a drawn wave go out, from now or `starts_at` on, spread until `ends_at` if given.

    It stays open to answers for the plan's number of days after the last of it is due.
    """
    by.must(Can.SEND)
    held = _held(wave)
    if held.state != WaveState.DRAWN:
        raise Conflict(
            f"“{held.name}” is {held.state}; only a drawn wave can be started.",
            remedy="Draw it first." if held.state == WaveState.DRAFT else "",
        )
    begins = max(starts_at or at, at)
    if ends_at is not None and not begins < ends_at <= begins + LONGEST_DRIP:
        raise BadInput(
            f"The sending ends after it begins, and within {LONGEST_DRIP.days} days.",
            place=Place(field="ends_at"),
        )
    held.state, held.problem = WaveState.SENDING, ""
    held.starts_at, held.ends_at = begins, ends_at
    held.closes_at = (ends_at or begins) + timedelta(days=_open_days(held))
    held.save(update_fields=["state", "problem", "starts_at", "ends_at", "closes_at"])
    detail = {"starts_at": begins.isoformat(), "ends_at": ends_at and ends_at.isoformat()}
    audit("start sending", held, by=by, at=at, detail=detail)
    later("begin_wave", at=at, wave=held.pk)
    return held


def spread(wave_id: int, *, at: datetime) -> int:
    """Spread a wave's invitations over its window, the same way every time; again is harmless.

    Neighbours in the list are far apart in time, so that no region or account comes all at once.
    """
    wave = Wave.objects.get(pk=wave_id)
    if wave.starts_at is None or wave.state not in {WaveState.SENDING, WaveState.PAUSED}:
        return 0
    window = (wave.ends_at - wave.starts_at).total_seconds() if wave.ends_at else 0.0
    planned = Invitation.objects.filter(wave=wave, disposition=Disposition.PLANNED)
    if not window and not planned.filter(due_at__gt=wave.starts_at).exists():
        return 0
    spread_out = 0
    for first, last in _slices(wave):
        with running.checkpoint():
            spread_out += _spread(wave, first, last, window)
        running.progress(spread_out, note="spreading over the window")
    return spread_out


def _spread(wave: Wave, first: int, last: int, window: float) -> int:
    share = f"((id * {_SPREAD[0]}) %% {_SPREAD[1]}) / {_SPREAD[1]}.0"
    if not window:
        moment = "%s"
    elif connection.vendor == "sqlite":
        moment = f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '+' || ({share} * %s) || ' seconds')"
    else:
        moment = f"%s + make_interval(secs => ({share} * %s)::double precision)"
    starts = connection.ops.adapt_datetimefield_value(wave.starts_at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Invitation._meta.db_table} SET due_at = {moment} WHERE wave_id = %s "
            f"AND contact_id BETWEEN %s AND %s AND disposition = {int(Disposition.PLANNED)}",
            [starts, *([window] if window else []), wave.pk, first, last],
        )
        return int(cursor.rowcount)


@transaction.atomic
def pause_wave(wave: Wave, *, by: Viewer, at: datetime) -> Wave:
    """Stop sending at once; the message being handed over this moment still goes."""
    by.must(Can.SEND)
    held = _held(wave)
    if held.state != WaveState.SENDING:
        raise Conflict(f"“{held.name}” is {held.state}; only one that is sending can be paused.")
    _set(held, WaveState.PAUSED, problem="")
    audit("pause sending", held, by=by, at=at)
    return held


@transaction.atomic
def resume_wave(wave: Wave, *, by: Viewer, at: datetime) -> Wave:
    """Go on sending where it was paused."""
    by.must(Can.SEND)
    held = _held(wave)
    if held.state != WaveState.PAUSED:
        raise Conflict(f"“{held.name}” is {held.state}; only a paused one can go on.")
    _set(held, WaveState.SENDING, problem="")
    audit("resume sending", held, by=by, at=at)
    later("send_due", at=at)
    return held


def pause_for(wave_id: int, *, why: str) -> None:
    """Let a wave pause itself, and say why on its page."""
    sending = Wave.objects.filter(pk=wave_id, state=WaveState.SENDING)
    sending.update(state=WaveState.PAUSED, problem=why)


@transaction.atomic
def cancel_sending(wave: Wave, *, by: Viewer, at: datetime) -> Wave:
    """Send nothing more of a wave. Who was asked already may answer until it closes."""
    by.must(Can.SEND)
    held = _held(wave)
    if held.state not in {WaveState.DRAWN, WaveState.SENDING, WaveState.PAUSED}:
        raise Conflict(f"“{held.name}” is {held.state} and cannot be cancelled any more.")
    _set(held, WaveState.CANCELLED, problem="")
    waiting = Delivery.objects.filter(invitation__wave=held, state=DeliveryState.QUEUED)
    waiting.update(state=DeliveryState.SKIPPED, detail="The wave was cancelled.", changed_at=at)
    audit("cancel sending", held, by=by, at=at)
    later("sweep_cancelled", at=at, wave=held.pk)
    return held


def sweep_cancelled(wave_id: int, *, at: datetime) -> int:
    """Bring what a cancelled wave had still planned to its disposition; resumable."""
    wave = Wave.objects.get(pk=wave_id)
    swept = 0
    if wave.state != WaveState.CANCELLED:
        return swept
    planned = Invitation.objects.filter(wave=wave, disposition=Disposition.PLANNED)
    while ids := list(planned.order_by("due_at", "pk").values_list("pk", flat=True)[:_AT_ONCE]):
        with running.checkpoint():
            changed = dispose(
                ids, Disposition.CANCELLED, why="the wave was cancelled", by="system", at=at
            )
        swept += changed
        running.progress(swept, note="cancelling what was planned")
        if not changed:
            break
    if not Invitation.objects.filter(wave=wave, invited_at__isnull=False).exists():
        Wave.objects.filter(pk=wave.pk).update(closes_at=None)
    return swept


@transaction.atomic
def send_again(wave: Wave, *, by: Viewer, at: datetime) -> int:
    """Send once more what nobody can say went out; some people may get the message twice."""
    by.must(Can.SEND)
    held = _held(wave)
    if held.state not in {WaveState.SENDING, WaveState.SENT, WaveState.PAUSED}:
        raise Conflict(f"“{held.name}” is {held.state}; nothing of it is sent any more.")
    unknown = Delivery.objects.filter(
        invitation__wave=held,
        number=0,
        state=DeliveryState.UNKNOWN,
        invitation__disposition=Disposition.DELIVERY_UNKNOWN,
    )
    again = Delivery.objects.filter(pk__in=list(unknown.values_list("pk", flat=True)))
    count = again.update(state=DeliveryState.QUEUED, due_at=at, changed_at=at, tries=0)
    if count:
        if held.state == WaveState.SENT:
            _set(held, WaveState.SENDING, problem="")
        audit("send unknown again", held, by=by, at=at, detail={"deliveries": count})
        later("send_due", at=at)
    return count


def _held(wave: Wave) -> Wave:
    found = Wave.objects.select_for_update().filter(pk=wave.pk).first()
    if found is None:
        raise NotFound("There is no such wave.")
    return found


def _set(wave: Wave, state: WaveState, *, problem: str) -> None:
    wave.state, wave.problem = state, problem
    wave.save(update_fields=["state", "problem"])


def _open_days(wave: Wave) -> int:
    return int(wave.plan_kept.get("open_days") or (wave.plan.open_days if wave.plan else 30))


def _slices(wave: Wave) -> Iterator[tuple[int, int]]:
    """Yield the first and last contact of each slice of a wave's invitations."""
    after = 0
    rows = Invitation.objects.filter(wave=wave).order_by("contact_id")
    while True:
        some = rows.filter(contact_id__gt=after).values_list("contact_id", flat=True)[
            : _SLICE[connection.vendor]
        ]
        if not (contacts := list(some)):
            return
        yield contacts[0], contacts[-1]
        after = contacts[-1]
