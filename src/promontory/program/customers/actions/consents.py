"""Writing down what customers say about being asked, and which addresses fail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from promontory.errors import BadInput, Conflict, NotFound, Place
from promontory.program.customers import codes, queries
from promontory.program.customers.codes import FROM_THE_PERSON, Way
from promontory.program.customers.models import Consent, Contact
from promontory.program.customers.rules.consents import opened, ways_of
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit

_STAYS_CLOSED = {
    "complained": "marked our mail as spam, which closes it for good",
    "undated": "has refused, and this consent says no date",
    "earlier": "has refused after this consent was given",
}


@transaction.atomic
def say(
    contact: Contact,
    ways: Way | int,
    *,
    is_given: bool,
    basis: str = "",
    source: str,
    note: str = "",
    given_at: datetime | None = None,
    by: Viewer,
    at: datetime,
) -> Consent:
    """Write down that a contact may, or may not, be asked by these ways, and act by it at once.

    `given_at` is when it was said, if that was before now. Consent that may not open a way which
    the person has closed is refused with the reason.
    """
    if source not in FROM_THE_PERSON:
        by.must(Can.MANAGE_CUSTOMERS)
    if not 0 < int(ways) <= Way.ALL:
        raise BadInput("No way is named.", remedy="Name at least one.", place=Place(field="ways"))
    _check(basis, source)
    if given_at is not None and given_at > at:
        raise BadInput("Consent cannot be dated after today.", place=Place(field="given_at"))
    locked = _locked(contact)
    said_at = given_at or at
    if is_given:
        dated = given_at if source == "import" else said_at
        standing = queries.standing_refusals([locked.pk]).get(locked.pk, {})
        opening, kept = opened(locked.closed, int(ways), standing, given_at=dated, source=source)
        if kept:
            why = next(iter(kept.values()))
            names = ", ".join(codes.WAY_LABELS[way] for way in ways_of(sum(kept)))
            raise Conflict(
                f"{names}: contact {locked.pk} {_STAYS_CLOSED[why]}.",
                remedy="Only they can open it again, on their preference page."
                if why == "complained"
                else "Give the date of a consent that came after it.",
            )
        locked.closed &= ~opening
        if basis:
            locked.basis = basis
    else:
        locked.closed |= int(ways)
    locked.save(update_fields=["closed", "basis"])
    made = Consent.objects.create(
        contact=locked,
        ways=int(ways),
        is_given=is_given,
        basis=basis,
        source=source,
        note=note.strip()[:300],
        at=said_at,
        by=by.by[:64],
    )
    contact.closed, contact.basis = locked.closed, locked.basis
    detail = {"ways": int(ways), "source": source, "basis": basis}
    audit("allow" if is_given else "refuse", locked, by=by, at=at, detail=detail)
    return made


@transaction.atomic
def mark_failing(
    contact: Contact, way: Way, *, note: str = "", by: Viewer, at: datetime
) -> Contact:
    """Stop using a way that does not arrive (a hard bounce, a dead number); again, it is the same.

    A new address mends it by itself.
    """
    return _set_failing(contact, way, is_failing=True, note=note, by=by, at=at)


@transaction.atomic
def mend_way(contact: Contact, way: Way, *, note: str = "", by: Viewer, at: datetime) -> Contact:
    """Use a way again that was taken for failing."""
    by.must(Can.MANAGE_CUSTOMERS)
    return _set_failing(contact, way, is_failing=False, note=note, by=by, at=at)


def _set_failing(
    contact: Contact, way: Way, *, is_failing: bool, note: str, by: Viewer, at: datetime
) -> Contact:
    locked = _locked(contact)
    failing = locked.failing | way if is_failing else locked.failing & ~way
    contact.failing = int(failing)
    if failing == locked.failing:
        return contact
    locked.failing = int(failing)
    locked.save(update_fields=["failing"])
    Consent.objects.create(
        contact=locked,
        ways=int(way),
        is_given=not is_failing,
        source="bounce",
        note=note.strip()[:300],
        at=at,
        by=by.by[:64],
    )
    verb = "stop using" if is_failing else "mend"
    audit(verb, locked, by=by, at=at, detail={"ways": int(way)})
    return contact


def _check(basis: str, source: str) -> None:
    if basis and basis not in codes.BASES:
        raise BadInput(
            f"“{basis}” is no lawful basis.",
            remedy=f"Known: {', '.join(codes.BASES)}.",
            place=Place(field="basis"),
        )
    if source not in codes.CONSENT_SOURCES:
        raise BadInput(
            f"“{source}” is no source of consent.",
            remedy=f"Known: {', '.join(codes.CONSENT_SOURCES)}.",
            place=Place(field="source"),
        )


def _locked(contact: Contact) -> Contact:
    found = Contact.objects.select_for_update().filter(pk=contact.pk).first()
    if found is None:
        raise NotFound("There is no such contact.")
    if found.details is None:
        raise Conflict("This person has been erased.", remedy="Look the customer up again.")
    return found
