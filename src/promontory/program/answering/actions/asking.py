"""Asking who is on a site or in an app right now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from promontory.errors import BadInput, NotAllowed, Place
from promontory.program.answering.actions.sites import is_signed
from promontory.program.customers import actions as customers
from promontory.program.customers import queries as known
from promontory.program.customers.models import Contact, Dimension
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.actions.asking import ask_now
from promontory.program.outreach.actions.touchpoints import checked_event, take_event
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation, Site
from promontory.program.surveys.models import Survey

MOST_ATTRIBUTES = 50


@dataclass(frozen=True, slots=True)
class Who:
    """Who a site says is there."""

    customer: str = ""
    email: str = ""
    signature: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotNow:
    """That nobody is asked, why, and in how many seconds it is worth asking again.

    Without a signature there is one answer for all, or anybody could find out who is a customer
    and whether they want to be asked.
    """

    why: str
    again_after: int | None = None


UNSIGNED = NotNow("not_now")


_WORDS = {
    Disposition.NOT_DRAWN: "not_drawn",
    Disposition.HELD_REST: "resting",
    Disposition.HELD_CAP: "resting",
    Disposition.HELD_ACCOUNT: "resting",
    Disposition.HELD_HOUSEHOLD: "resting",
    Disposition.HELD_HOLD: "held",
    Disposition.HELD_OPTED_OUT: "opted_out",
    Disposition.HELD_NO_BASIS: "no_basis",
    Disposition.HELD_PRIORITY: "resting",
}
_LONG = 86_400


def ask(site: Site, who: Who, *, touchpoint: str = "", at: datetime) -> Invitation | NotNow:
    """Invite who is there to the first survey that may ask them, or say why none may."""
    contact = identified(site, who, at=at)
    if contact is None:
        return NotNow("unknown_customer", _LONG) if who.signature else UNSIGNED
    verdict = NotNow("no_survey")
    for survey in _surveys(touchpoint):
        found = ask_now(survey, contact, "in_app", by=f"site:{site.key}", at=at)
        if isinstance(found, Invitation):
            return found
        why = _WORDS.get(found.disposition or Disposition.HELD_REST, "resting")
        until = found.until if found.until is not None else int(at.timestamp()) + 30 * _LONG
        wait = max(60, until - int(at.timestamp()))
        if verdict.again_after is None or wait < verdict.again_after:
            verdict = NotNow(why, wait)
    if not who.signature:
        return UNSIGNED
    return NotNow(verdict.why, verdict.again_after or 3_600)


def hear_event(
    site: Site, who: Who, *, touchpoint: str, key: str, occurred_at: datetime, at: datetime
) -> None:
    """Take what a customer has just gone through; the same key again does nothing."""
    if not (who.customer.strip() or who.email.strip()):
        raise BadInput("This event names no customer.", place=Place(field="customer"))
    key, occurred_at = f"{site.key}:{key}"[:200], min(occurred_at, at)
    checked_event(touchpoint, key, dict(who.attributes), occurred_at=occurred_at, at=at)
    contact = identified(site, who, at=at)
    if contact is None:
        return  # not known; to say so would tell anybody who is
    by = Viewer(user_id=None, name=f"site:{site.key}", can=frozenset({Can.SEND}))
    take_event(
        touchpoint,
        key=key,
        contact=contact,
        occurred_at=occurred_at,
        attributes=dict(who.attributes),
        source="widget",
        by=by,
        at=at,
    )


@transaction.atomic
def identified(site: Site, who: Who, *, at: datetime) -> Contact | None:
    """Return the contact a site names, or refuse a claim that is not signed where it must be.

    Who is named with a signature is made known if they are not yet, with their attributes;
    without one, only who is known already can be asked, and nothing is changed about them.
    """
    named = {"customer": who.customer.strip()[:200], "email": who.email.strip()[:320]}
    if not any(named.values()):
        return None
    signed = bool(who.signature) and is_signed(
        site, named["customer"] or named["email"], who.signature
    )
    if (site.needs_signature or who.signature) and not signed:
        raise NotAllowed(
            "The signature does not fit this customer.",
            remedy="Sign the customer's number with the site's secret, on your server.",
        )
    if not signed:
        return known.find_contact({k: v for k, v in named.items() if v})
    contact = customers.resolve_contact(**named, language=who.language[:16], at=at)
    given = dict(list(who.attributes.items())[:MOST_ATTRIBUTES])
    kept = set(Dimension.objects.filter(key__in=given).values_list("key", flat=True))
    if kept:
        said = customers.ContactFields(attributes={k: given[k] for k in kept})
        by = Viewer(user_id=None, name=f"site:{site.key}", can=frozenset({Can.MANAGE_CUSTOMERS}))
        contact = customers.update_contact(contact, said, source="api", by=by, at=at)
    return contact


def _surveys(touchpoint: str) -> list[Survey]:
    """Return the surveys that could ask, the most urgent first."""
    open_ones = Survey.objects.filter(closed_at=None, versions__published_at__isnull=False)
    if touchpoint:
        found = open_ones.filter(touchpoint__key=touchpoint)
    else:
        found = open_ones.filter(touchpoint=None)
    return list(found.distinct().order_by("priority", "pk")[:20])
