"""Erasing a person: what is theirs goes, what their answers counted for stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from promontory.errors import Conflict, NotFound
from promontory.jobs import Retry
from promontory.program.customers.models import Contact, Dimension
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Entry
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.responses.actions.later import later
from promontory.program.responses.models import RawRow, Response, Verbatim
from promontory.warehouse import Facts
from promontory.warehouse.upkeep import rewrite_months

_AT_ONCE = 500


@transaction.atomic
def erase_contact(contact_id: int, *, by: Viewer, at: datetime) -> None:
    """Erase a contact for ever: name, addresses, words, raw rows, undeclared attributes, links."""
    by.must(Can.ERASE)
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound("There is no such contact.")
    ledger.erase(contact.person_id, by=by.by, at=at)
    audit("erase", contact, by=by, at=at)


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
