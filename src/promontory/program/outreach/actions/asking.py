"""Asking a customer who is here now: in an app, on a site, in a call."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from promontory.errors import BadInput, Place
from promontory.measurement.sampling import priorities
from promontory.program.customers.codes import WAY_OF_CHANNEL
from promontory.program.customers.models import Contact
from promontory.program.ledger.rules import day_of
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.actions.event_waves import invite, wave_of_day, zone_of_house
from promontory.program.outreach.actions.reserving import reserving
from promontory.program.outreach.codes import WEIGHT_ONE, Disposition
from promontory.program.outreach.models import EventCase, Invitation, Wave
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.policies import policy_for
from promontory.program.outreach.rules.policy import Verdict, may_ask
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import Survey

STILL_OPEN = timedelta(hours=24)
"""So long the same question is handed out again to who came by and has not seen it yet."""


def ask_now(
    survey: Survey,
    contact: Contact,
    channel: str,
    *,
    share: float = 1.0,
    by: str,
    at: datetime,
) -> Invitation | Verdict:
    """Invite somebody who is here now, or return why not and when next.

    What is asked already and not seen yet is returned again. `share` is the part of those who come
    by that is to be asked; who is drawn stays so for the day, and stands for the others.
    """
    if not 0 < share <= 1:
        raise BadInput("The share is above 0 and at most 1.", place=Place(field="share"))
    if channel not in CHANNELS:
        raise BadInput(f"There is no channel “{channel}”.", place=Place(field="channel"))
    if (there := _waiting(survey, contact, channel, at)) is not None:
        return there
    # Most who come by may not be asked: that is found out without waiting for anybody.
    verdict = _verdict(survey, contact, channel, at)
    if verdict.disposition is not None:
        _came_by(survey, contact, verdict.disposition, at)
        return verdict
    with reserving():
        if (there := _waiting(survey, contact, channel, at)) is not None:
            return there
        verdict = _verdict(survey, contact, channel, at)
        wave = wave_of_day(survey, at=at)
        if verdict.disposition is None and not _is_drawn(wave, contact, share):
            verdict = Verdict(Disposition.NOT_DRAWN, second(at + timedelta(days=1)), "not_drawn")
        if verdict.disposition is not None:
            _note(wave, survey, contact, verdict.disposition, None, at)
            return verdict
        made = invite(wave, contact.pk, channel, weight=round(WEIGHT_ONE / share), at=at)
        Invitation.objects.filter(pk=made.pk).update(invited_at=at)
        dispose([made.pk], Disposition.DELIVERED, why="here now", by=by, at=at)
        _note(wave, survey, contact, Disposition.PLANNED, made, at)
    made.refresh_from_db()
    return made


def _waiting(survey: Survey, contact: Contact, channel: str, at: datetime) -> Invitation | None:
    mine = Invitation.objects.filter(
        contact=contact,
        wave__survey=survey,
        channel=CHANNELS[channel],
        disposition=Disposition.DELIVERED,
        event=0,
        invited_at__gt=at - STILL_OPEN,
    )
    return mine.select_related("wave").order_by("-pk").first()


def _verdict(survey: Survey, contact: Contact, channel: str, at: datetime) -> Verdict:
    policy = policy_for(survey, at)
    known = known_of([contact.pk], survey, policy, at)
    way = WAY_OF_CHANNEL.get(channel)
    facts = known.facts(known.contacts[contact.pk], None if way is None else int(way))
    return may_ask(facts, policy, None, second(at))


def _is_drawn(wave: Wave, contact: Contact, share: float) -> bool:
    if share >= 1:
        return True
    [number] = priorities(np.array([contact.pk]), wave.seed)
    return int(number) < share * 2**64


def _came_by(survey: Survey, contact: Contact, why: Disposition, at: datetime) -> None:
    """Note once a day that somebody came by and was not asked; asked again, nothing is written."""
    today = day_of(at, zone_of_house())
    mine = EventCase.objects.filter(survey=survey, contact=contact, event=None)
    if mine.filter(wave__day=today).exists():
        return
    with reserving():
        _note(wave_of_day(survey, at=at), survey, contact, why, None, at)


def _note(
    wave: Wave,
    survey: Survey,
    contact: Contact,
    disposition: Disposition,
    invitation: Invitation | None,
    at: datetime,
) -> None:
    case = EventCase.objects.filter(wave=wave, contact=contact, event=None).first()
    if case is None:
        EventCase.objects.create(
            survey=survey,
            wave=wave,
            contact=contact,
            disposition=disposition,
            invitation=invitation,
            due_at=at,
            decided_at=at,
        )
    elif case.invitation_id is None:
        case.disposition, case.invitation, case.decided_at = disposition, invitation, at
        case.save(update_fields=["disposition", "invitation", "decided_at"])
