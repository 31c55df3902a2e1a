"""What is due to be sent, and how far the sending of a wave has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from promontory.errors import NotFound
from promontory.jobs.models import Job, State
from promontory.program.customers.codes import WAY_OF_CHANNEL, Way
from promontory.program.customers.models import Contact
from promontory.program.customers.queries.holds import is_held
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.codes import (
    OPEN,
    PUSHED,
    DeliveryState,
    Disposition,
    WaveKind,
    WaveState,
)
from promontory.program.outreach.models import Delivery, Invitation, Wave
from promontory.program.outreach.queries.messages import recipients
from promontory.program.outreach.queries.policies import contact_policy
from promontory.program.surveys.codes import CHANNELS

CHANNEL_NAMES = {code: name for name, code in CHANNELS.items()}
_INVITATION = Invitation._meta.db_table
_DELIVERY = Delivery._meta.db_table
SPEED_OVER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Due:
    """One message that is due: an invitation not sent yet, or a delivery waiting for its turn."""

    invitation: int
    contact: int
    channel: int
    number: int
    delivery: int | None
    tries: int


def wave(pk: int, *, viewer: Viewer) -> Wave:
    """Return one wave."""
    viewer.must(Can.SEE_SCORES)
    found = Wave.objects.select_related("survey", "version", "plan").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such wave.")
    return found


def due(wave: int, *, lane: int, lanes: int, limit: int, at: datetime) -> list[Due]:
    """Return what one lane of a wave is to send now: what waits for another try, then the new."""
    now = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.id, i.contact_id, i.channel, d.number, d.id, d.tries "
            f"FROM {_DELIVERY} d JOIN {_INVITATION} i ON i.id = d.invitation_id "
            f"WHERE d.state = 'queued' AND d.due_at <= %s AND i.wave_id = %s "
            f"AND i.id %% %s = %s ORDER BY d.due_at, d.id LIMIT %s",
            [now, wave, lanes, lane, limit],
        )
        found = [Due(*row) for row in cursor.fetchall()]
        if len(found) < limit:
            cursor.execute(
                f"SELECT i.id, i.contact_id, i.channel FROM {_INVITATION} i "
                f"WHERE i.wave_id = %s AND i.disposition = {int(Disposition.PLANNED)} "
                f"AND i.channel IN {PUSHED} AND i.due_at <= %s AND i.id %% %s = %s "
                f"AND NOT EXISTS (SELECT 1 FROM {_DELIVERY} d "
                f"WHERE d.invitation_id = i.id AND d.number = 0) "
                f"ORDER BY i.due_at, i.id LIMIT %s",
                [wave, now, lanes, lane, limit - len(found)],
            )
            found += [
                Due(invitation, contact, channel, 0, None, 0)
                for invitation, contact, channel in cursor.fetchall()
            ]
    return found


def still_allowed(invitations: Collection[int], *, at: datetime) -> dict[int, Disposition]:
    """Return those of these who may not be asked any more since they were drawn, and why.

    Who has opted out since, whose address has failed, and on whom a hold stands now; rests and caps
    were settled at the drawing, and hold.
    """
    rows = list(
        Invitation.objects.filter(pk__in=invitations).values_list(
            "pk", "contact_id", "channel", "contact__closed", "contact__failing"
        )
    )
    contacts = Contact.objects.filter(pk__in={contact for _, contact, *_ in rows})
    held = set(contacts.filter(is_held(at)).values_list("pk", flat=True))
    found: dict[int, Disposition] = {}
    for invitation, contact, channel, closed, failing in rows:
        way = WAY_OF_CHANNEL.get(CHANNEL_NAMES[channel], Way.NONE)
        if closed & way:
            found[invitation] = Disposition.HELD_OPTED_OUT
        elif failing & way:
            found[invitation] = Disposition.UNREACHABLE
        elif contact in held:
            found[invitation] = Disposition.HELD_HOLD
    return found


def quiet_hours() -> tuple[time, time]:
    """Return from when until when nobody is written to, by their own clocks, as of today."""
    policy = contact_policy()
    return policy.quiet_from, policy.quiet_until


def waves_under_way(*, at: datetime) -> list[Wave]:
    """Return the waves that have something to send, or may have it soon."""
    begun = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
    states = [WaveState.SENDING, WaveState.SENT]
    return list(Wave.objects.filter(begun, state__in=states).select_related("survey", "version"))


def has_due(wave: Wave, *, at: datetime) -> bool:
    """Say whether a wave has something to send now."""
    if _planned(wave).filter(due_at__lte=at).exists():
        return True
    waiting = Delivery.objects.filter(state=DeliveryState.QUEUED, due_at__lte=at)
    return waiting.filter(invitation__wave=wave).exists()


def has_planned(wave: Wave) -> bool:
    """Say whether a wave has an invitation that was not sent yet."""
    return _planned(wave).exists()


def _planned(wave: Wave) -> QuerySet[Invitation]:
    planned = Invitation.objects.filter(wave=wave, disposition=Disposition.PLANNED)
    return planned.filter(channel__in=PUSHED)


def deliveries(wave: Wave, *, viewer: Viewer) -> QuerySet[Delivery]:
    """Return the messages of a wave; their addresses are asked for apart."""
    viewer.must(Can.SEND)
    return Delivery.objects.filter(invitation__wave=wave).select_related("invitation", "sender")


def addresses(some: Sequence[Delivery], *, viewer: Viewer) -> dict[int, str]:
    """Return where each of these messages went, for who may see people; else nothing."""
    if not viewer.sees_customers:
        return {}
    people = recipients([each.invitation.contact_id for each in some])
    return {
        each.pk: person.email if each.invitation.channel == CHANNELS["email"] else person.phone
        for each in some
        if (person := people.get(each.invitation.contact_id)) is not None
    }


def live_runs(task: str) -> set[str]:
    """Return the runs of sending jobs that are still at it."""
    running = Job.objects.filter(task=task, state=State.RUNNING)
    return {run_name(job, fence) for job, fence in running.values_list("pk", "fence")}


def busy_lanes(task: str) -> set[tuple[int, int]]:
    """Return the (wave, lane) pairs that have a job already."""
    unfinished = Job.objects.filter(task=task, state__in=[State.READY, State.RUNNING])
    return {
        (kwargs.get("wave", 0), kwargs.get("lane", 0))
        for kwargs in unfinished.values_list("kwargs", flat=True)
    }


def run_name(job: int, fence: int) -> str:
    """Return the name of one run of a job, as deliveries keep it while they are under way."""
    return f"{job}.{fence}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sending of a wave has come: people by disposition, speed, expected end."""

    counts: Mapping[Disposition, int]
    per_minute: float
    ends_at: datetime | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def planned(self) -> int:
        return self.counts.get(Disposition.PLANNED, 0)

    @property
    def done(self) -> int:
        """Everybody to whom nothing has to be sent any more."""
        return self.total - self.planned

    @property
    def unknown(self) -> int:
        return self.counts.get(Disposition.DELIVERY_UNKNOWN, 0)

    @property
    def open(self) -> int:
        """Everybody whose answer may still come."""
        return sum(self.counts.get(each, 0) for each in OPEN)


def progress(wave: Wave, *, viewer: Viewer, at: datetime) -> Progress:
    """Return how far a wave has come; of large waves, as it was some seconds ago."""
    viewer.must(Can.SEE_SCORES)
    key = f"outreach.progress.{wave.pk}.{wave.state}"
    kept: Progress | None = cache.get(key)
    if kept is not None:
        return kept
    began = monotonic()
    made = _progress(wave, at)
    # Counting a million takes a while; a page that asks every second must not keep us counting.
    seconds = int(20 * (monotonic() - began))
    if seconds:
        cache.set(key, made, seconds)
    return made


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why some messages of a wave did not go out as they should, and how many."""

    state: str
    detail: str
    count: int


MOST_TROUBLES = 10


def troubles(wave: Wave) -> list[Trouble]:
    """Return the most frequent reasons why messages did not arrive, or wait for another try."""
    rows = Delivery.objects.filter(invitation__wave=wave).exclude(detail="")
    counted = rows.values_list("state", "detail").annotate(count=Count("pk"))
    return [Trouble(*row) for row in counted.order_by("-count", "detail")[:MOST_TROUBLES]]


def _progress(wave: Wave, at: datetime) -> Progress:
    invitations = Invitation.objects.filter(wave=wave)
    rows = invitations.values_list("disposition").annotate(Count("pk")).order_by("disposition")
    counts = {Disposition(code): count for code, count in rows}
    lately = invitations.filter(invited_at__gt=at - SPEED_OVER)
    sent, first = lately.aggregate(sent=Count("pk"), first=Min("invited_at")).values()
    minutes = max((at - first).total_seconds() / 60, 1.0) if first else 1.0
    per_minute = sent / minutes
    return Progress(counts, per_minute, _expected_end(wave, counts, per_minute, at))


def _expected_end(
    wave: Wave, counts: Mapping[Disposition, int], per_minute: float, at: datetime
) -> datetime | None:
    planned = counts.get(Disposition.PLANNED, 0)
    if not planned or wave.state != WaveState.SENDING or wave.kind == WaveKind.EVENT:
        return None
    by_speed = at + timedelta(minutes=planned / per_minute) if per_minute else None
    ends = [each for each in (wave.ends_at, by_speed) if each is not None]
    return max(ends) if ends else None
