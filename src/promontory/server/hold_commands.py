"""`promontory hold …`: hold a customer back, and let them be asked again."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from promontory.errors import BadInput, NotFound, Place
from promontory.program.customers import actions, queries
from promontory.program.customers.models import Account, Contact, Hold
from promontory.program.organization import queries as organization
from promontory.program.organization.access import SYSTEM


def run(options: argparse.Namespace) -> int:
    """Place or lift a hold, and say its number."""
    if options.verb == "lift":
        lifted = actions.lift_hold(options.number, by=SYSTEM, at=timezone.now())
        print(f"Hold {lifted.pk} is lifted; the contact policy alone decides now.")
        return 0
    whom = _account(options.identifier) if options.account else _contact(options.identifier)
    hold = _placed(whom, options)
    until = f"until {options.until}" if options.until else "until it is lifted"
    print(f"Hold {hold.pk} is placed, {until}.")
    return 0


def _placed(whom: Account | Contact, options: argparse.Namespace) -> Hold:
    is_account = isinstance(whom, Account)
    return actions.place_hold(
        contact=None if is_account else whom.pk,
        account=whom.pk if is_account else None,
        reason=options.reason,
        until=_end(options.until) if options.until else None,
        note=options.note,
        by=SYSTEM,
        at=timezone.now(),
    )


def _contact(identifier: str) -> Contact:
    found = queries.search_contact(identifier, viewer=SYSTEM)
    if found is None:
        raise NotFound("Nobody here has exactly this e-mail, customer number or telephone.")
    return found


def _account(key: str) -> Account:
    found = Account.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no account “{key}”.")
    return found


def _end(day: str) -> datetime:
    """Return the end of a day by the clock of the organisation."""
    ours = organization.organization()
    try:
        return datetime.combine(
            date.fromisoformat(day), time.max, ZoneInfo(ours.zone if ours else "UTC")
        )
    except ValueError:
        raise BadInput(
            f"“{day}” is not a day.", remedy="Write 2026-12-31.", place=Place(field="--until")
        ) from None
