"""The waves of the demo company: drawn by the product itself, answered as the answers say.

Only what time did is put in from outside: that mails went out then, and who answered when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from promontory.demo import company, truths
from promontory.demo.customers import first_answers
from promontory.program.organization.access import Viewer
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.actions import sending, sending_clock, sending_run
from promontory.program.outreach.codes import Disposition, WaveState
from promontory.program.outreach.models import Invitation, Wave
from promontory.program.responses.models import Response
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import Survey
from promontory.server.handover import work_until

_UNDELIVERABLE_EVERY = 61
_OPTED_OUT_EVERY = 97


@dataclass(frozen=True, slots=True)
class Past:
    """A wave that is over, or nearly: when it was drawn, and how long it is open."""

    name: str
    survey: str
    back: int
    strata: Sequence[str]
    open_days: int
    channels: Sequence[str] = ("email",)


PAST = (
    Past(truths.EARLIER_WAVE, "relationship", 183, ("segment", "region"), 90),
    Past(truths.LAST_WAVE, "relationship", 92, ("product", "contract"), 95),
    Past(truths.SUPPORT_WAVE, "after-support", truths.SUPPORT_WAVE_DAYS, (), 58, ("sms", "email")),
)


def drawn_at(last: date, back: int) -> datetime:
    """Return when a wave was drawn: at six in the morning, so many days before the last."""
    morning = datetime.combine(last - timedelta(days=back), time(6), ZoneInfo(company.ZONE))
    return morning.astimezone(ZoneInfo("UTC"))


def ensure_past(past: Past, last: date, *, by: Viewer) -> None:
    """Draw a wave of the past, and let become of it what has; again, it goes on where it was."""
    survey = Survey.objects.get(key=past.survey)
    at = drawn_at(last, past.back)
    wave = Wave.objects.filter(name=past.name).first()
    if wave is None:
        new = outreach.NewPlan(
            name=past.name,
            channels=past.channels,
            strata=past.strata,
            is_census=True,
            open_days=past.open_days,
        )
        with transaction.atomic():
            wave = outreach.plan_wave(
                outreach.make_plan(survey, new, by=by, at=at), name=past.name, by=by, at=at
            )
    if wave.state in {WaveState.DRAFT, WaveState.DRAWING}:
        _draw(wave, by=by, at=at)
    if wave.state == WaveState.DRAWN:
        _let_happen(wave, past, last, by=by)
    over = at + timedelta(days=past.open_days, hours=3)
    sending_clock.close_due(at=min(over, timezone.now()))


def _draw(wave: Wave, *, by: Viewer, at: datetime) -> None:
    if wave.state == WaveState.DRAFT:
        outreach.start_draw(wave, by=by, at=at)

    def is_drawn() -> bool:
        wave.refresh_from_db()
        return wave.state == WaveState.DRAWN or bool(wave.problem)

    work_until(is_drawn)


@transaction.atomic
def _let_happen(wave: Wave, past: Past, last: date, *, by: Viewer) -> None:
    """Send it an hour after the draw, and bring those who answered to their disposition."""
    assert wave.drawn_at is not None, "it has been drawn"
    went = wave.drawn_at + timedelta(hours=2)
    everybody = Invitation.objects.filter(wave=wave)
    ids = list(everybody.order_by("pk").values_list("pk", flat=True))
    outreach.dispose(ids, Disposition.SENT, by="system", at=went)
    everybody.update(invited_at=went)
    sending.start_wave(wave, by=by, at=went)
    first = last - timedelta(days=past.back - 1)
    answered = _answered(wave, past, first)
    linked, weeks = [], defaultdict(list)
    contacts: dict[datetime, list[int]] = defaultdict(list)
    for invitation, contact, response, when in answered:
        week = min(went + timedelta(days=7 * ((when - went).days // 7 + 1)), timezone.now())
        weeks[week].append(invitation)
        contacts[week].append(contact)
        linked.append((invitation, response))
    said = {pk for pk, *_ in answered}
    quiet = [pk for pk in ids if pk not in said]
    later = went + timedelta(minutes=30)
    gone = quiet[::_UNDELIVERABLE_EVERY]
    outreach.dispose(gone, Disposition.UNDELIVERABLE, why="no such address", by="system", at=later)
    refused = quiet[1::_OPTED_OUT_EVERY]
    why = "one-click unsubscribe in the mail"
    outreach.dispose(
        refused, Disposition.OPTED_OUT, why=why, by="respondent", at=later + timedelta(hours=3)
    )
    for week in sorted(weeks):
        outreach.dispose(weeks[week], Disposition.ANSWERED, by="respondent", at=week)
        outreach.clocks_touched(contacts[week], answered=week)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {Response._meta.db_table} SET invitation_id = %s WHERE id = %s", linked
        )


def _answered(wave: Wave, past: Past, first: date) -> list[tuple[int, int, int, datetime]]:
    """Return (invitation, contact, response, when) of those who answered as they were asked."""
    before = first + timedelta(days=past.open_days)
    found = []
    for channel in past.channels:
        mine = Invitation.objects.filter(wave=wave, channel=CHANNELS[channel])
        by_contact = dict(mine.values_list("contact_id", "pk"))
        for contact, response, when in first_answers(past.survey, first, before, channel):
            if contact in by_contact:
                found.append((by_contact[contact], contact, response, when))
    return found


def ensure_paused(last: date, *, by: Viewer) -> None:
    """Draw a small wave at noon of the last day, send its first mails, and pause it."""
    name = truths.PAUSED_WAVE
    noon = datetime.combine(last, time(12), ZoneInfo("UTC"))
    wave = Wave.objects.filter(name=name).first()
    if wave is None:
        survey = Survey.objects.get(key="relationship")
        new = outreach.NewPlan(
            name=name, strata=("segment",), allocation="equal", size=400, reminder_days=(7,)
        )
        with transaction.atomic():
            plan = outreach.make_plan(survey, new, by=by, at=noon)
            wave = outreach.plan_wave(plan, name=name, by=by, at=noon)
    if wave.state in {WaveState.DRAFT, WaveState.DRAWING}:
        _draw(wave, by=by, at=noon)
    if wave.state != WaveState.DRAWN:
        return
    sending.start_wave(wave, ends_at=noon + timedelta(days=2), by=by, at=noon)
    sending.spread(wave.pk, at=noon)
    sending_run.send_lane(wave.pk, clock=lambda: noon + timedelta(hours=4))
    wave.refresh_from_db()
    sending.pause_wave(wave, by=by, at=noon + timedelta(hours=4))
