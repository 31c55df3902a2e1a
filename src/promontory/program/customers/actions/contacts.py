"""Contacts one by one and by the thousand: one rule, whichever door they come through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from promontory.errors import BadInput, Conflict, Place
from promontory.program.customers import queries
from promontory.program.customers.actions.dimensions import (
    NewDimension,
    ensure_codes,
    ensure_dimensions,
)
from promontory.program.customers.actions.resolving import name_accounts
from promontory.program.customers.actions.writing import Changed, write_keys, write_rows
from promontory.program.customers.models import Account, Contact, Stake
from promontory.program.customers.rules import cells
from promontory.program.customers.rules.mapping import slug
from promontory.program.customers.rules.merging import Terms
from promontory.program.customers.rules.packing import Outcome, Packer, Plan, Slice
from promontory.program.customers.rules.reasons import Fault, Reason, explain
from promontory.program.customers.rules.rows import Row, State
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Person
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit

MOST_AT_ONCE = 5_000
_ATTEMPTS = 5
_TEXTS = ("customer", "name", "account", "account_name", "stake", "household")


@dataclass(frozen=True, slots=True)
class ContactFields:
    """What is said about a contact: None says nothing, "" takes away what is there.

    A national telephone number needs `region`, the country by whose rules it is read. `stake` is
    the part played in the account; `attributes` are labels by dimension key.
    """

    customer: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    account: str | None = None
    account_name: str | None = None
    stake: str | None = None
    language: str | None = None
    zone: str | None = None
    household: str | None = None
    basis: str | None = None
    region: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def add_contact(said: ContactFields, *, source: str = "staff", by: Viewer, at: datetime) -> Contact:
    """Make a contact, or bring the one with these identifiers up to date.

    Identifiers that belong to two contacts are refused with the numbers of both.
    """
    [outcome] = upsert_contacts([said], source=source, by=by, at=at)
    return _contact_of(outcome)


def update_contact(
    contact: Contact, said: ContactFields, *, source: str = "staff", by: Viewer, at: datetime
) -> Contact:
    """Change what is said of one contact, identifiers too; nothing else is touched."""
    [outcome] = upsert_contacts([said], only=contact.pk, source=source, by=by, at=at)
    return _contact_of(outcome)


def upsert_contacts(
    said: Sequence[ContactFields],
    *,
    only: int | None = None,
    source: str = "api",
    by: Viewer,
    at: datetime,
) -> list[Outcome]:
    """Make or update contacts, thousands at a time, and return what became of each.

    A row that cannot be taken stops no other. With `only`, the one row is about that contact.
    """
    by.must(Can.MANAGE_CUSTOMERS)
    if len(said) > MOST_AT_ONCE:
        raise BadInput(f"At most {MOST_AT_ONCE:,} contacts at once.", remedy="Send them in parts.")
    keys = list(dict.fromkeys(key for one in said for key in one.attributes))
    rows, refused = [], {}
    for number, one in enumerate(said, start=1):
        row, reasons = _read(number, one, keys)
        if not reasons and only is None and not any(row.identifiers()):
            reasons = [Reason("nobody")]
        if reasons:
            refused[number] = Outcome(number, None, "set apart", tuple(reasons))
        else:
            rows.append(row)
    for attempt in range(_ATTEMPTS):
        try:
            done = _write(rows, keys, only=only, source=source, by=by, at=at)
            break
        except (IntegrityError, Changed) as error:
            # Somebody made or changed one of these contacts at the same moment: look again.
            if attempt == _ATTEMPTS - 1:
                raise Conflict(
                    "Somebody else is changing these contacts.", remedy="Try again."
                ) from error
    found = refused | {outcome.row: outcome for outcome in done}
    return [found[number] for number in sorted(found)]


@transaction.atomic
def _write(
    rows: Sequence[Row],
    keys: Sequence[str],
    *,
    only: int | None,
    source: str,
    by: Viewer,
    at: datetime,
) -> list[Outcome]:
    if not rows:
        return []
    dimensions = ensure_dimensions({slug(key): NewDimension(key[:100]) for key in keys}, at=at)
    most = rows[-1].number + 1
    plan = Plan(
        by=by.by[:64],
        terms=Terms(at=at, source=source),
        dimensions=tuple(dimensions[slug(key)].pk for key in keys),
        first_contact=ledger.reserve_ids(Contact, most) - 1,
        first_person=ledger.reserve_ids(Person, most) - 1,
        index_key=settings.INDEX_KEY,
        master_key=settings.MASTER_KEY,
    )
    packer = Packer(plan, _Asked(at, only), only=only)
    whole = Slice()
    outcomes = [packer.write(one, whole) for one in packer.read(rows)]
    write_keys([whole])
    with connection.cursor() as cursor:
        write_rows([whole], cursor=cursor)
    _audit(outcomes, by=by, at=at)
    return outcomes


class _Asked:
    """Answers what packing asks, from the database of the present transaction."""

    def __init__(self, at: datetime, only: int | None) -> None:
        self._at = at
        self._only = only

    def people(
        self, indexes: Mapping[str, Sequence[bytes]]
    ) -> tuple[dict[str, dict[bytes, int]], dict[int, State]]:
        found, states = queries.standing(indexes)
        if self._only is None:
            return found, states
        return found, states | queries.states([self._only])

    def accounts(self, names: Mapping[str, str]) -> dict[str, int]:
        return name_accounts(names, at=self._at)

    def codes(self, dimension: int, labels: Sequence[str]) -> dict[str, int]:
        return ensure_codes(dimension, labels)


def _audit(outcomes: Sequence[Outcome], *, by: Viewer, at: datetime) -> None:
    touched = [each for each in outcomes if each.what in ("new", "changed", "further account")]
    if len(touched) == 1:
        verb = "add" if touched[0].what == "new" else "change"
        audit(verb, Contact(pk=touched[0].contact), by=by, at=at)
    elif touched:
        new = sum(each.what == "new" for each in touched)
        detail = {"new": new, "changed": len(touched) - new}
        audit("upsert", Contact(pk=touched[0].contact), by=by, at=at, detail=detail)


def _read(number: int, said: ContactFields, keys: Sequence[str]) -> tuple[Row, list[Reason]]:
    """Return the row, and what is wrong with it."""
    row, reasons = Row(number), []
    read: dict[str, Callable[[str], str]] = {
        **{role: partial(cells.text, role=role) for role in _TEXTS},
        "email": cells.email,
        "phone": partial(cells.phone, region=said.region),
        "language": cells.language,
        "zone": cells.zone,
        "basis": cells.basis,
    }
    for role, reader in read.items():
        cell = getattr(said, role)
        if cell is None:
            continue
        cell = cells.clean(cell)
        try:
            setattr(row, role, reader(cell) if cell else "")
        except Fault as fault:
            reasons.append(Reason(fault.slug, role, fault.raw[:80]))
    labels = {key: cells.clean(label) for key, label in said.attributes.items()}
    reasons += [
        Reason("too-long", key, label[:80])
        for key, label in labels.items()
        if len(label) > cells.LONGEST_LABEL
    ]
    row.attributes = tuple(labels.get(key) for key in keys)
    return row, reasons


def _contact_of(outcome: Outcome) -> Contact:
    if outcome.contact is not None:
        return Contact.objects.select_related("account").get(pk=outcome.contact)
    first = outcome.reasons[0]
    sentence = " ".join(explain(reason) for reason in outcome.reasons)
    if first.slug in ("conflict", "taken"):
        raise Conflict(sentence)
    raise BadInput(sentence, place=Place(field=first.column))


@transaction.atomic
def open_contact(pk: int, *, by: Viewer, at: datetime) -> Contact:
    """Return a contact to be looked at, and remember who looked."""
    found = queries.one_contact(pk, viewer=by)
    audit("look", found, by=by, at=at)
    return found


@transaction.atomic
def end_stake(contact: Contact, account: Account, *, by: Viewer, at: datetime) -> None:
    """Say that a contact plays no part in an account any more; again, nothing happens."""
    by.must(Can.MANAGE_CUSTOMERS)
    gone, _ = Stake.objects.filter(contact=contact, account=account).delete()
    left = Contact.objects.filter(pk=contact.pk, account=account).update(account=None)
    if gone or left:
        contact.account = None if left else contact.account
        audit("change", contact, by=by, at=at, detail={"left account": account.pk})
