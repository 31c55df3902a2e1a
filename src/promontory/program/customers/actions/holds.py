"""Holding customers back, and letting them be asked again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from promontory.errors import BadInput, Conflict, NotFound, Place
from promontory.program.customers import codes
from promontory.program.customers.models import Account, Contact, Hold
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit


@transaction.atomic
def place_hold(
    *,
    contact: Contact | int | None = None,
    account: Account | int | None = None,
    reason: str,
    until: datetime | None = None,
    note: str = "",
    source: str = "staff",
    source_key: str | None = None,
    by: Viewer,
    at: datetime,
) -> Hold:
    """Let a contact, or all in an account, not be asked until a moment (None: until it is lifted).

    Placed again with the same `source_key` it is returned as it stands, lifted or not.
    """
    by.must(Can.MANAGE_CUSTOMERS)
    if (contact is None) == (account is None):
        raise BadInput("A hold is on one contact or on one account.")
    check_hold(reason=reason, source=source, until=until, at=at)
    key = (source_key or "").strip()[:200] or None
    if key and (there := Hold.objects.filter(source_key=key).first()) is not None:
        return there
    hold = Hold(
        contact_id=contact.pk if isinstance(contact, Contact) else contact,
        account_id=account.pk if isinstance(account, Account) else account,
        reason=reason,
        source=source,
        source_key=key,
        note=note.strip()[:300],
        starts_at=at,
        ends_at=until,
        placed_at=at,
        placed_by=by.by[:64],
    )
    _refuse_nobody(hold)
    # Another with this key may be placed at the same moment: then that one stands.
    [made] = Hold.objects.bulk_create([hold], ignore_conflicts=key is not None)
    if key is not None:
        made = Hold.objects.get(source_key=key)
    detail = {
        "contact": made.contact_id,
        "account": made.account_id,
        "reason": reason,
        "until": until and until.isoformat(),
        "source": source,
    }
    audit("place", made, by=by, at=at, detail=detail)
    return made


@transaction.atomic
def lift_hold(hold: Hold | int, *, by: Viewer, at: datetime) -> Hold:
    """End a hold before its time; one that is lifted already stays as it is."""
    by.must(Can.MANAGE_CUSTOMERS)
    pk = hold.pk if isinstance(hold, Hold) else hold
    locked = Hold.objects.select_for_update().filter(pk=pk).first()
    if locked is None:
        raise NotFound("There is no such hold.")
    if locked.lifted_at is None:
        if locked.ends_at is not None and locked.ends_at <= at:
            raise Conflict("This hold has ended already.", remedy="Nothing needs to be done.")
        locked.lifted_at, locked.lifted_by = at, by.by[:64]
        locked.save(update_fields=["lifted_at", "lifted_by"])
        audit("lift", locked, by=by, at=at, detail={"reason": locked.reason})
    return locked


def check_hold(*, reason: str, source: str, until: datetime | None, at: datetime) -> None:
    """Refuse a hold whose words are unknown or which would end before it begins."""
    if reason not in codes.HOLD_REASONS:
        raise BadInput(
            f"“{reason}” is no reason for a hold.",
            remedy=f"Known: {', '.join(codes.HOLD_REASONS)}.",
            place=Place(field="reason"),
        )
    if source not in codes.HOLD_SOURCES:
        raise BadInput(
            f"“{source}” is no source of holds.",
            remedy=f"Known: {', '.join(codes.HOLD_SOURCES)}.",
            place=Place(field="source"),
        )
    if until is not None and until <= at:
        raise BadInput(
            "The hold would end before it begins.",
            remedy="Give an end in the future, or none.",
            place=Place(field="until"),
        )


def _refuse_nobody(hold: Hold) -> None:
    if hold.contact_id is not None:
        there = Contact.objects.filter(pk=hold.contact_id).values_list("details", flat=True).first()
        if there is None:
            raise NotFound("There is no such contact.", remedy="Look the customer up again.")
    elif not Account.objects.filter(pk=hold.account_id or 0).exists():
        raise NotFound("There is no such account.", remedy="Look the account up again.")
