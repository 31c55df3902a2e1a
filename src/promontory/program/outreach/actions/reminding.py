"""Whether a reminder may go out: it is one more request, and counts in every cap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from promontory.program.outreach.actions.reserving import wait_for_turn
from promontory.program.outreach.codes import WaveState
from promontory.program.outreach.models import Invitation, Wave
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.policies import policy_for
from promontory.program.outreach.rules.policy import Facts, Policy, may_ask
from promontory.program.surveys.models import Survey


def take_reminders(ids: Collection[int], *, at: datetime) -> frozenset[int] | None:
    """Count a reminder to each of these invitations that the caps have room for; return those.

    Needs a transaction, and keeps the place in line until it ends. Rests do not hold a reminder
    back: it belongs to an invitation that is out already. None while a wave is being drawn: it has
    read already who was asked how often, so that reminders wait until it is done.
    """
    wait_for_turn()
    if Wave.objects.filter(state=WaveState.DRAWING, is_test=False).exists():
        return None
    invitations = Invitation.objects.filter(pk__in=ids).select_related("wave").order_by("pk")
    by_survey: dict[int, list[Invitation]] = defaultdict(list)
    for invitation in invitations:
        by_survey[invitation.wave.survey_id].append(invitation)
    surveys = Survey.objects.in_bulk(by_survey)
    allowed: set[int] = set()
    for pk, those in by_survey.items():
        allowed |= _allowed(surveys[pk], those, at)
    Invitation.objects.filter(pk__in=allowed).update(reminders=F("reminders") + 1, reminded_at=at)
    return frozenset(allowed)


def _allowed(survey: Survey, invitations: list[Invitation], at: datetime) -> set[int]:
    caps = _caps(policy_for(survey, at))
    known = known_of([i.contact_id for i in invitations], survey, caps, at)
    now, allowed = second(at), set()
    for invitation in invitations:
        facts = known.facts(known.contacts[invitation.contact_id], None)
        asked = Facts(person=facts.person, account=facts.account, household=facts.household)
        if invitation.wave.is_test or may_ask(asked, caps, None, now).may:
            allowed.add(invitation.pk)
            known.asked.add(known.contacts[invitation.contact_id], now)
    return allowed


def _caps(policy: Policy) -> Policy:
    return Policy(
        cap_person=policy.cap_person,
        cap_person_days=policy.cap_person_days,
        cap_account=policy.cap_account,
        cap_account_days=policy.cap_account_days,
        cap_household=policy.cap_household,
        cap_household_days=policy.cap_household_days,
    )
