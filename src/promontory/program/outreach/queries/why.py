"""Why a customer was asked or not, and when next, survey by survey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from promontory.program.customers.models import Contact
from promontory.program.organization.access import Viewer
from promontory.program.outreach.codes import WEIGHT_ONE, Disposition
from promontory.program.outreach.models import EventCase, FrameSlice, Invitation, Stratum, Wave
from promontory.program.outreach.queries.choosing import choices
from promontory.program.outreach.queries.columns import instant, second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.frame import ways_wanted
from promontory.program.outreach.queries.policies import policy_for
from promontory.program.outreach.rules import explaining
from promontory.program.outreach.rules.dispositions import told_of_one
from promontory.program.outreach.rules.frames import DRAWN, unpack
from promontory.program.outreach.rules.policy import Verdict, may_ask
from promontory.program.surveys.models import Survey

MOST_SURVEYS = 50


@dataclass(frozen=True, slots=True)
class LastTime:
    """What the last wave of a survey that had somebody in its frame made of them."""

    wave: Wave
    disposition: int
    probability: float | None
    at: datetime | None

    @property
    def sentence(self) -> str:
        return explaining.last_sentence(self.disposition, self.wave.name, self.probability)


@dataclass(frozen=True, slots=True)
class Why:
    """Whether one survey may ask somebody now, when next, and what became of it last time."""

    survey: Survey
    may: bool
    disposition: Disposition | None
    because: str
    until: datetime | None
    sentence: str
    last: LastTime | None


def why(
    contact: Contact, survey: Survey | None = None, *, viewer: Viewer, at: datetime
) -> list[Why]:
    """Return for one survey, or for every open one, whether and when it may ask a customer."""
    viewer.must_see_customers()
    open_ones = Survey.objects.filter(closed_at=None).order_by("priority", "pk")
    asked = [survey] if survey is not None else list(open_ones[:MOST_SURVEYS])
    return [_why(contact, one, at) for one in asked]


def _why(contact: Contact, survey: Survey, at: datetime) -> Why:
    policy = policy_for(survey, at)
    known = known_of([contact.pk], survey, policy, at)
    channels = choices(survey).channels(contact.attributes)
    verdict = may_ask(known.facts(contact, ways_wanted(channels)), policy, None, second(at))
    if survey.closed_at is not None:
        verdict = Verdict(Disposition.HELD_LATE, None, "closed")
    until = None if verdict.until is None else instant(verdict.until)
    day = None if until is None else f"{until:%-d %B %Y}"
    return Why(
        survey=survey,
        may=verdict.may,
        disposition=verdict.disposition,
        because=verdict.because,
        until=until,
        sentence=explaining.now_sentence(verdict.because, may=verdict.may, until=day),
        last=_last_time(contact, survey),
    )


def _last_time(contact: Contact, survey: Survey) -> LastTime | None:
    mine = Invitation.objects.filter(contact=contact, wave__survey=survey)
    invitation = mine.select_related("wave").order_by("-wave_id", "-pk").first()
    considered = _in_a_frame(contact, survey, after=invitation.wave_id if invitation else 0)
    if considered is not None:
        return considered
    if invitation is None:
        return None
    share = WEIGHT_ONE / invitation.weight
    asked = invitation.invited_at or invitation.due_at
    told = told_of_one(Disposition(invitation.disposition), promise=survey.promise)
    return LastTime(invitation.wave, told, share, asked)


def _in_a_frame(contact: Contact, survey: Survey, *, after: int) -> LastTime | None:
    """Return what a later wave that did not invite them made of them."""
    cases = EventCase.objects.filter(
        contact=contact, survey=survey, wave__isnull=False, invitation=None, wave_id__gt=after
    )
    case = cases.select_related("wave").order_by("-wave_id", "-pk").first()
    frames = FrameSlice.objects.filter(
        wave__survey=survey,
        wave_id__gt=max(after, case.wave_id or 0 if case else 0),
        first_contact__lte=contact.pk,
        last_contact__gte=contact.pk,
    ).select_related("wave")
    for one in frames.order_by("-wave_id")[:10]:
        people = unpack(one.first_contact, one.count, bytes(one.packed))
        place = int(np.searchsorted(people.ids, contact.pk))
        if place == len(people.ids) or people.ids[place] != contact.pk:
            continue
        disposition = int(people.disposition[place])
        if disposition == DRAWN:
            continue  # drawn, and its invitation not written yet
        probability = _probability(one.wave, int(people.stratum[place]), disposition)
        return LastTime(one.wave, disposition, probability, one.wave.drawn_at)
    if case is None or case.wave is None or case.disposition is None:
        return None
    return LastTime(case.wave, case.disposition, None, case.decided_at)


def _probability(wave: Wave, number: int, disposition: int) -> float | None:
    if disposition != Disposition.NOT_DRAWN:
        return None
    stratum = Stratum.objects.filter(wave=wave, number=number).first()
    return stratum.drawn / stratum.eligible if stratum and stratum.eligible else None
