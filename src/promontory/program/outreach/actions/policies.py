"""Deciding how seldom anybody is asked, and which survey may ask in spite of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from promontory.errors import BadInput, Conflict, NotFound, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.actions.reserving import wait_for_turn
from promontory.program.outreach.models import ContactPolicy, PolicyException
from promontory.program.outreach.queries.policies import DEFAULTS, contact_policy
from promontory.program.outreach.rules.policy import Policy
from promontory.program.surveys.models import Survey

LONGEST = 3_650
_RULES = {f.name for f in fields(Policy)} - {"cadence_days"}
_SPANS = frozenset(name for name in _RULES if name.endswith("_days"))


@transaction.atomic
def set_policy(changes: Mapping[str, Any], *, by: Viewer, at: datetime) -> ContactPolicy:
    """Make the next version of the contact policy: as it is, but for what is given.

    Every programme asks by it from now on; waves that are drawn already keep theirs.
    """
    by.must(Can.SEND)
    wait_for_turn()
    before = contact_policy()
    if unknown := sorted(set(changes) - set(DEFAULTS)):
        raise BadInput(f"The contact policy has no rule “{unknown[0]}”.")
    rules = {name: changes.get(name, getattr(before, name)) for name in DEFAULTS}
    check_rules({name: rules[name] for name in _RULES})
    for name in ("quiet_from", "quiet_until"):
        if not isinstance(rules[name], time):
            raise BadInput("Quiet hours are times of day.", place=Place(field=name))
    if all(rules[name] == getattr(before, name) for name in DEFAULTS) and before.number:
        return before
    made = ContactPolicy.objects.create(
        number=before.number + 1, created_at=at, created_by=by.by[:64], **rules
    )
    detail = {
        name: [_plain(getattr(before, name)), _plain(rules[name])]
        for name in DEFAULTS
        if rules[name] != getattr(before, name)
    }
    audit("change contact policy", made, by=by, at=at, detail=detail)
    return made


@transaction.atomic
def except_survey(
    survey: Survey,
    *,
    rules: Mapping[str, int | bool | None],
    reason: str,
    until: date | None,
    by: Viewer,
    at: datetime,
) -> PolicyException:
    """Let a survey ask in spite of some rules, with a reason, until a day (None: until ended).

    It takes the place of the survey's exception before.
    """
    by.must(Can.SEND)
    if not reason.strip():
        raise BadInput("An exception needs a reason.", place=Place(field="reason"))
    if not rules:
        raise BadInput("An exception replaces at least one rule.", place=Place(field="rules"))
    if until is not None and until < at.date():
        raise BadInput("The exception would be over already.", place=Place(field="until"))
    Policy().excepting(rules)
    check_rules(rules)
    PolicyException.objects.filter(survey=survey, ended_at=None).update(ended_at=at)
    made = PolicyException.objects.create(
        survey=survey,
        rules=dict(rules),
        reason=reason.strip()[:300],
        until=until,
        created_at=at,
        created_by=by.by[:64],
    )
    detail = {"survey": survey.key, "rules": dict(rules), "until": until and until.isoformat()}
    audit("make exception", made, by=by, at=at, detail=detail)
    return made


@transaction.atomic
def end_exception(exception: PolicyException, *, by: Viewer, at: datetime) -> PolicyException:
    """End an exception now; ended already, it stays as it is."""
    by.must(Can.SEND)
    locked = PolicyException.objects.select_for_update().filter(pk=exception.pk).first()
    if locked is None:
        raise NotFound("There is no such exception.")
    if locked.ended_at is None:
        if locked.until is not None and locked.until < at.date():
            raise Conflict("This exception is over already.")
        locked.ended_at = at
        locked.save(update_fields=["ended_at"])
        audit("end exception", locked, by=by, at=at)
    return locked


def check_rules(rules: Mapping[str, Any]) -> None:
    """Refuse a rule whose value makes no sense."""
    for name, value in rules.items():
        place = Place(field=name)
        if name == "needs_basis":
            if not isinstance(value, bool):
                raise BadInput("This is yes or no.", place=place)
            continue
        if value is None:
            if name in _SPANS:
                raise BadInput("A span of days is a number.", place=place)
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST:
            raise BadInput(f"Give a whole number from 0 to {LONGEST:,}.", place=place)
        if name in _SPANS and name != "priority_days" and value == 0:
            raise BadInput("A cap counts over a day at least.", place=place)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, time) else value
