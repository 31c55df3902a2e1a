"""Erasing a person: whatever is held of them as a contact goes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from promontory.program.customers.actions.later import later
from promontory.program.customers.codes import ImportStatus
from promontory.program.customers.models import (
    AttributeChange,
    Consent,
    Contact,
    ContactImport,
    Hold,
    RejectedContact,
    RejectedIdentifier,
)
from promontory.program.ledger import actions as ledger


def forget_person(person_id: int, *, by: str, at: datetime) -> None:
    """Blank what is held of a contact; runs within the ledger's erasure.

    That somebody once refused, or was held back, stays as a number; what was noted goes.
    """
    for contact in Contact.objects.filter(person=person_id):
        _forget_rows_set_apart(contact)
        contact.stakes.all().delete()
        AttributeChange.objects.filter(contact=contact).delete()
        Consent.objects.filter(contact=contact).update(note="")
        Hold.objects.filter(contact=contact).update(note="", source_key=None)
        Hold.objects.filter(contact=contact, lifted_at=None).update(lifted_at=at, lifted_by=by[:64])
        contact.email_index = contact.customer_index = contact.phone_index = contact.details = None
        contact.account, contact.language, contact.zone = None, "", ""
        contact.household, contact.attributes, contact.basis = None, {}, ""
        contact.save()
        if ContactImport.objects.filter(file_keeper__isnull=False).exists():
            later("forget_files", at=at)


def _forget_rows_set_apart(contact: Contact) -> None:
    mine = [contact.email_index, contact.customer_index, contact.phone_index]
    named = RejectedIdentifier.objects.filter(index__in=[each for each in mine if each is not None])
    for source, row in set(named.values_list("source", "row")):
        RejectedContact.objects.filter(source=source, row=row).delete()
        RejectedIdentifier.objects.filter(source=source, row=row).delete()


def forget_files(*, by: str, at: datetime) -> None:
    """Delete the files of imports that are done, with the keys that would open old copies.

    Somebody has been erased, and no file can be opened to take one person out of it.
    """
    kept = ContactImport.objects.filter(file_keeper__isnull=False, status=ImportStatus.DONE)
    for pk in kept.values_list("pk", flat=True):
        with transaction.atomic():
            source = ContactImport.objects.select_for_update().get(pk=pk)
            if source.file_keeper is None:
                continue
            (settings.HOME.uploads / source.stored_as).unlink(missing_ok=True)
            keeper, source.file_keeper, source.stored_as = source.file_keeper, None, ""
            source.save(update_fields=["file_keeper", "stored_as"])
            ledger.erase(keeper, by=by, at=at)
