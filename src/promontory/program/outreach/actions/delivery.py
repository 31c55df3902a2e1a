"""One message after the other: claimed before the provider has it, its outcome recorded after.

The claim is the row itself: an invitation has one delivery of each number, and who inserts it, or
moves it from `queued` to `sending`, is the one who sends. So no two workers, whatever becomes of
their jobs, ever hand over the same message. What a dead run leaves at `sending` may or may not
have gone out: it becomes `unknown`, and is never repeated by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from promontory.program.outreach.actions.dispositions import clocks_touched, dispose
from promontory.program.outreach.codes import DeliveryState, Disposition, WaveState
from promontory.program.outreach.models import Delivery, Invitation, OutboxMessage, Wave
from promontory.program.outreach.queries.sending import Due

_DELIVERY = Delivery._meta.db_table
_INVITATION = Invitation._meta.db_table
_WAVE = Wave._meta.db_table
BY = "system"
_SENDABLE = f"{int(Disposition.PLANNED)}, {int(Disposition.DELIVERY_UNKNOWN)}"
_REMINDABLE = ", ".join(
    str(int(each))
    for each in (
        Disposition.SENT,
        Disposition.DELIVERED,
        Disposition.SHOWN,
        Disposition.CLICKED,
    )
)
REMINDER_WAITS = timedelta(days=1)
"""So long a reminder may wait to go out: the room it was given in the caps is of that day."""
_ENDED = {
    DeliveryState.SENT: Disposition.SENT,
    DeliveryState.DELIVERED: Disposition.DELIVERED,
    DeliveryState.UNKNOWN: Disposition.DELIVERY_UNKNOWN,
    DeliveryState.FAILED: Disposition.UNDELIVERABLE,
    DeliveryState.BOUNCED: Disposition.UNDELIVERABLE,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message that was claimed."""

    delivery: int
    state: DeliveryState
    at: datetime
    provider_id: str = ""
    detail: str = ""
    due_at: datetime | None = None
    """When a queued one is tried again."""
    kept: OutboxMessage | None = None
    """What a local provider keeps of it instead of sending."""


def claim(
    due: Due, *, sender: int | None, run: str, before: Result | None, at: datetime
) -> int | None:
    """Record the result before it and claim a message, in one transaction; return its delivery.

    None where it may not be sent any more: the wave was paused, the customer has answered or
    opted out, or somebody else has it.
    """
    with transaction.atomic():
        if before is not None:
            record(before)
        return (
            _inserted(due, sender, run, at)
            if due.delivery is None
            else _taken(due, sender, run, at)
        )


def _inserted(due: Due, sender: int | None, run: str, at: datetime) -> int | None:
    now = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_DELIVERY} (invitation_id, sender_id, number, state, provider_id, "
            f"detail, run, tries, due_at, sending_at, changed_at) "
            f"SELECT i.id, %s, 0, 'sending', '', '', %s, 1, i.due_at, %s, %s "
            f"FROM {_INVITATION} i JOIN {_WAVE} w ON w.id = i.wave_id "
            f"WHERE i.id = %s AND i.disposition IN ({_SENDABLE}) AND w.state = 'sending' "
            f"ON CONFLICT (invitation_id, number) DO NOTHING RETURNING id",
            [sender, run, now, now, due.invitation],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _taken(due: Due, sender: int | None, run: str, at: datetime) -> int | None:
    now = connection.ops.adapt_datetimefield_value(at)
    # A reminder still goes when the invitations have all been sent.
    states = "'sending', 'sent'" if due.number else "'sending'"
    dispositions = _REMINDABLE if due.number else _SENDABLE
    since = connection.ops.adapt_datetimefield_value(at - REMINDER_WAITS)
    in_time = "AND i.reminded_at >= %s " if due.number else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_DELIVERY} SET state = 'sending', sender_id = %s, run = %s, "
            f"tries = tries + 1, sending_at = %s, changed_at = %s "
            f"WHERE id = %s AND state = 'queued' AND EXISTS (SELECT 1 FROM {_INVITATION} i "
            f"JOIN {_WAVE} w ON w.id = i.wave_id WHERE i.id = {_DELIVERY}.invitation_id "
            f"AND i.disposition IN ({dispositions}) {in_time}AND w.state IN ({states})) "
            f"RETURNING id",
            [sender, run, now, now, due.delivery, *([since] if due.number else [])],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def record(result: Result) -> None:
    """Record what became of a claimed message; a status that came sooner stays."""
    moment = connection.ops.adapt_datetimefield_value
    if result.kept is not None:
        result.kept.save(force_insert=True)
    held = f"CASE WHEN state IN ('sending', 'unknown') THEN '{result.state.value}' ELSE state END"
    sent_at = moment(result.at) if result.state is DeliveryState.SENT else None
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_DELIVERY} SET state = {held}, "
            f"provider_id = CASE WHEN %s = '' THEN provider_id ELSE %s END, detail = %s, "
            f"sent_at = COALESCE(%s, sent_at), due_at = COALESCE(%s, due_at), changed_at = %s "
            f"WHERE id = %s",
            [
                result.provider_id,
                result.provider_id[:200],
                result.detail[:300],
                sent_at,
                moment(result.due_at) if result.due_at else None,
                moment(result.at),
                result.delivery,
            ],
        )


@transaction.atomic
def settle(run: str, *, at: datetime) -> dict[DeliveryState, int]:
    """Bring what a run has sent to its invitations, and return how many of each outcome."""
    rows = list(
        Delivery.objects.filter(run=run)
        .exclude(state=DeliveryState.SENDING)
        .values_list(
            "pk", "invitation", "invitation__contact", "number", "state", "detail", "sent_at"
        )
    )
    counts: dict[DeliveryState, int] = defaultdict(int)
    ended: dict[tuple[Disposition, str], list[int]] = defaultdict(list)
    invited: list[tuple[int, int, datetime]] = []
    reminded: list[tuple[int, int, datetime]] = []
    for _, invitation, contact, number, state, detail, sent_at in rows:
        counts[DeliveryState(state)] += 1
        if sent_at is not None:
            (reminded if number else invited).append((invitation, contact, sent_at))
        to = None if number else _ENDED.get(DeliveryState(state))
        if to is not None:
            why = detail if to is not Disposition.SENT else ""
            ended[to, why[:200]].append(invitation)
    _stamp("invited_at", invited)
    _stamp("reminded_at", reminded)
    for (to, why), invitations in ended.items():
        dispose(invitations, to, why=why, by=BY, at=at)
    for instant, contacts in _by_instant([*invited, *reminded]).items():
        clocks_touched(contacts, invited=instant)
    Delivery.objects.filter(pk__in=[pk for pk, *_ in rows]).update(run="")
    return dict(counts)


def recover(live: Collection[str], *, at: datetime) -> int:
    """Settle what runs that are no more have left behind, and return how many are unknown now."""
    dead = Delivery.objects.exclude(run="").exclude(run__in=list(live))
    unknown = 0
    for run in sorted(set(dead.values_list("run", flat=True))):
        with transaction.atomic():
            lost = Delivery.objects.filter(run=run, state=DeliveryState.SENDING)
            unknown += lost.update(
                state=DeliveryState.UNKNOWN,
                detail="The sending was interrupted before its outcome was known.",
                changed_at=at,
            )
            settle(run, at=at)
    return unknown


def _stamp(column: str, rows: Sequence[tuple[int, int, datetime]]) -> None:
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_INVITATION} SET {column} = %s WHERE id = %s",
            [(moment(sent_at), invitation) for invitation, _, sent_at in rows],
        )


def _by_instant(rows: Sequence[tuple[int, int, datetime]]) -> dict[datetime, list[int]]:
    """Return the contacts of messages sent within the same minute, by its last instant."""
    minutes: dict[datetime, list[tuple[datetime, int]]] = defaultdict(list)
    for _, contact, sent_at in rows:
        minutes[sent_at.replace(second=0, microsecond=0)].append((sent_at, contact))
    return {
        max(at for at, _ in some): [contact for _, contact in some] for some in minutes.values()
    }


def may_go_on(wave_id: int) -> bool:
    """Say whether a wave still sends; read anew, so that a pause is heeded at once."""
    return Wave.objects.filter(pk=wave_id, state__in=[WaveState.SENDING, WaveState.SENT]).exists()
