"""Which contact policy applies, and which exceptions to it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, time
from typing import Any

from django.db.models import Q, QuerySet

from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.models import ContactPolicy, PolicyException
from promontory.program.outreach.rules.policy import Policy
from promontory.program.surveys.models import Survey

DEFAULTS: dict[str, Any] = {
    "rest_invited": 30,
    "rest_shown": 30,
    "rest_answered": 90,
    "rest_dismissed": 90,
    "cap_person": 4,
    "cap_person_days": 365,
    "cap_account": None,
    "cap_account_days": 30,
    "cap_household": 1,
    "cap_household_days": 30,
    "needs_basis": False,
    "priority_days": 14,
    "quiet_from": time(20),
    "quiet_until": time(8),
}
"""The contact policy until somebody decides on another."""


def contact_policy() -> ContactPolicy:
    """Return the contact policy that applies; number 0, not stored, is the one we start with."""
    return ContactPolicy.objects.first() or ContactPolicy(number=0, **DEFAULTS)


def policies(*, viewer: Viewer) -> QuerySet[ContactPolicy]:
    """Return every version of the contact policy, newest first."""
    viewer.must(Can.SEE_SCORES)
    return ContactPolicy.objects.all()


def exceptions(*, viewer: Viewer) -> QuerySet[PolicyException]:
    """Return every exception there ever was, newest first."""
    viewer.must(Can.SEE_SCORES)
    return PolicyException.objects.select_related("survey").order_by("-pk")


def exception_for(survey: Survey, at: datetime) -> PolicyException | None:
    """Return the exception that applies to a survey at a moment: the latest that has not ended."""
    running = Q(ended_at__isnull=True) & (Q(until__isnull=True) | Q(until__gte=at.date()))
    return PolicyException.objects.filter(running, survey=survey).order_by("-pk").first()


def policy_for(survey: Survey, at: datetime) -> Policy:
    """Return the rules that decide whom a survey may ask at a moment."""
    return Policy.of(kept_policy(survey, at))


def kept_policy(survey: Survey, at: datetime) -> dict[str, Any]:
    """Return the policy as a wave keeps it: its number, its rules, the exception, the cadence."""
    stored, exception = contact_policy(), exception_for(survey, at)
    rules = {f.name: getattr(stored, f.name) for f in fields(Policy) if hasattr(stored, f.name)}
    if exception is not None:
        rules |= exception.rules
    return {
        **rules,
        "cadence_days": survey.cadence_days,
        "number": stored.number,
        "quiet_from": stored.quiet_from.isoformat(),
        "quiet_until": stored.quiet_until.isoformat(),
        "exception": exception and {"id": exception.pk, "reason": exception.reason},
    }
