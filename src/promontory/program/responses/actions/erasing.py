"""Erasing a person: what is theirs goes, what their answers counted for stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from promontory.errors import Conflict, NotFound
from promontory.jobs import Retry
from promontory.program.customers import queries as customers
from promontory.program.customers.identity import IDENTIFIERS, normalised
from promontory.program.customers.models import Contact, Dimension
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Entry
from promontory.program.ledger.vault import open_bytes
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.responses import queries
from promontory.program.responses.actions.later import later
from promontory.program.responses.models import (
    Import,
    RawRow,
    RejectedRow,
    Response,
    Verbatim,
)
from promontory.warehouse import Facts
from promontory.warehouse.upkeep import rewrite_months

_AT_ONCE = 500


def erase_contact(contact_id: int, *, by: Viewer, at: datetime) -> None:
    """Erase a contact for ever: name, addresses, words, raw rows, undeclared attributes, links.

    Rows set apart by imports go too where one of their cells is an identifier of the contact.
    """
    by.must(Can.ERASE)
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound("There is no such contact.")
    # Before the transaction: many rows take long to open, and nobody else could write meanwhile.
    rejected = _rejected_rows_of(contact)
    with transaction.atomic():
        ledger.erase(contact.person_id, by=by.by, at=at)
        for start in range(0, len(rejected), _AT_ONCE):
            RejectedRow.objects.filter(pk__in=rejected[start : start + _AT_ONCE]).delete()
        audit("erase", contact, by=by, at=at)


def _rejected_rows_of(contact: Contact) -> list[int]:
    """Return the rows set apart that name the contact; each is under its import's key alone."""
    said = customers.opened_details(contact)
    known = {kind: normalised(kind, said.get(kind, "")) for kind in IDENTIFIERS}
    found: list[int] = []
    for source in Import.objects.exclude(keeper=None) if any(known.values()) else ():
        key = ledger.keys_of([source.keeper or 0]).get(source.keeper or 0)
        if key is None:
            continue
        roles = _roles(source)
        for row in RejectedRow.objects.filter(source=source).iterator(chunk_size=1_000):
            raw = open_bytes(key, bytes(row.raw), b"rejected %d" % row.row).decode()
            if _names(queries.cells_of(raw), roles, known):
                found.append(row.pk)
    return found


def _roles(source: Import) -> list[str]:
    """Return what each column of the file was declared to be, in the file's order."""
    role_of = {column["name"]: column["role"] for column in source.mapping.get("columns", [])}
    return [role_of.get(column["name"], "") for column in source.proposal.get("columns", [])]


def _names(cells: list[str], roles: list[str], known: Mapping[str, str]) -> bool:
    # An address is found wherever it stands, in a broken line too; a number elsewhere than in its
    # own column may be anything.
    address = known["email"]
    if address and any(address in cell.casefold() for cell in cells):
        return True
    return any(
        role in known and known[role] != "" and normalised(role, cell) == known[role]
        for role, cell in zip(roles, cells, strict=False)
    )


def forget_person(person_id: int, *, by: str, at: datetime) -> None:
    """Blank what responses hold about a person; runs within the ledger's erasure."""
    of_entries = Entry.objects.filter(person=person_id, subject__isnull=False)
    responses = {pk for pk in of_entries.values_list("subject", flat=True) if pk is not None}
    declared = {str(d.pk) for d in Dimension.objects.filter(is_declared=True)}
    ordered = sorted(responses)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        Verbatim.objects.filter(response__in=some).delete()
        RawRow.objects.filter(response__in=some).delete()
        for response in Response.objects.filter(pk__in=some):
            kept = {d: code for d, code in response.attributes.items() if d in declared}
            response.attributes = kept
            response.vendor_id, response.content_key = "", None
            response.contact_id = response.account_id = None
            response.save(
                update_fields=["attributes", "vendor_id", "content_key", "contact", "account"]
            )
    if ordered:
        later("forget_in_warehouse", at=at, responses=ordered)


def forget_in_warehouse(responses: list[int]) -> None:
    """Take the undeclared attributes of these responses out of the warehouse's files."""
    facts = Facts(settings.HOME.warehouse)
    columns = [
        dimension.column
        for dimension in Dimension.objects.filter(is_declared=False)
        if dimension.column.startswith("a")
    ]
    if not columns or not facts.manifest().files:
        return
    try:
        rewrite_months(facts, responses, columns)
    except Conflict as conflict:
        raise Retry(str(conflict), after=timedelta(seconds=1)) from conflict
