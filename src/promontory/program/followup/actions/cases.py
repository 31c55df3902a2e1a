"""What can be done for a customer: open a case, tell its owner, call, note what was said."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.module_loading import import_string

from promontory.errors import BadInput, Conflict, Place
from promontory.jobs import actions as jobs
from promontory.program.followup import queries
from promontory.program.followup.actions import mail
from promontory.program.followup.models import Case, Note
from promontory.program.ledger.vault import seal_bytes
from promontory.program.organization import queries as organization
from promontory.program.organization.access import SYSTEM, Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.actions.outbox import send_to_staff
from promontory.program.responses.models import Response

LONGEST_NOTE = 5_000


@transaction.atomic
def open_case(
    response_id: int, *, score: int, is_partial: bool = False, at: datetime
) -> Case | None:
    """Open the case of a low score, once, and have its owner told.

    Only where the promise is that answers are seen with the name: under any other, nobody may
    know whom to call.
    """
    response = Response.objects.select_related("survey__owner").filter(pk=response_id).first()
    if response is None or response.survey.promise != "identified":
        return None
    case, is_new = Case.objects.get_or_create(
        response=response,
        defaults={
            "score": score,
            "opened_at": at,
            "owner": queries.owner_for(response.survey),
        },
    )
    if is_new:
        audit("open", case, by=SYSTEM, at=at, detail={"response": response_id, "score": score})
        # Named, not imported: tasks are doors, and doors stand above the actions they open.
        task = import_string("promontory.program.followup.tasks.tell_owner")
        # Somebody who has only chosen a score may be writing why: the mail waits for it a little.
        wait = timedelta(seconds=30 if is_partial else 0)
        later = task.using(run_after=at + wait)
        jobs.enqueue(later, args=[case.pk], key=f"tell owner of case {case.pk}", at=at)
    return case


def tell_owner(case_id: int, *, at: datetime) -> bool:
    """Mail the owner of a case, unless that was done; return whether a mail went out.

    After a crash in between, the mail may come twice: better than never.
    """
    case = Case.objects.select_related("response__survey", "response__contact", "owner").get(
        pk=case_id
    )
    if case.mailed_at is not None or case.called_at is not None or case.owner is None:
        return False
    if not case.owner.is_active:
        return False
    viewer = organization.viewer_of(case.owner)
    letter = mail.low_score(case, viewer=viewer, at=at)
    send_to_staff(case.owner, letter, about=case.response.contact)
    Case.objects.filter(pk=case.pk).update(mailed_at=at)
    return True


@transaction.atomic
def record_call(case: Case, *, note: str = "", by: Viewer, at: datetime) -> Case:
    """Record that somebody spoke with the customer; said twice, the first call stands."""
    by.must(Can.FOLLOW_UP)
    held = Case.objects.select_for_update().get(pk=case.pk)
    if held.called_at is None:
        held.called_at, held.called_by = at, by.by
        held.save(update_fields=["called_at", "called_by"])
        waited = (at - held.opened_at).total_seconds()
        audit("call", held, by=by, at=at, detail={"minutes": int(waited // 60)})
    if note.strip():
        add_note(held, text=note, by=by, at=at)
    return held


@transaction.atomic
def add_note(case: Case, *, text: str, by: Viewer, at: datetime) -> Note:
    """Keep what was said or done, encrypted with the key of the person it is about."""
    by.must(Can.FOLLOW_UP)
    if not text.strip():
        raise BadInput("A note needs words.", place=Place(field="note"))
    if len(text) > LONGEST_NOTE:
        raise BadInput(
            f"A note has at most {LONGEST_NOTE:,} characters.", place=Place(field="note")
        )
    key = queries.key_of(case)
    if key is None:
        raise Conflict("This person has been erased.", remedy="There is nothing left to note.")
    sealed = seal_bytes(key, text.strip().encode(), queries.place_of(case))
    contact = case.response.contact
    made = Note.objects.create(
        case=case, person=contact.person_id if contact else None, sealed=sealed, at=at, by=by.by
    )
    audit("note", case, by=by, at=at)
    return made


@transaction.atomic
def give_case(case: Case, *, to: int, by: Viewer, at: datetime) -> Case:
    """Hand a case to somebody else, who is told."""
    by.must(Can.FOLLOW_UP)
    held = Case.objects.select_for_update().get(pk=case.pk)
    person = organization.person(to, viewer=SYSTEM)
    if not organization.viewer_of(person).may(Can.FOLLOW_UP):
        raise Conflict(
            f"{person.name} may not follow up.", remedy="Choose somebody with a role that may."
        )
    if held.owner_id == person.pk:
        return held
    held.owner, held.mailed_at = person, None
    held.save(update_fields=["owner", "mailed_at"])
    audit("give", held, by=by, at=at, detail={"to": person.pk})
    task = import_string("promontory.program.followup.tasks.tell_owner")
    jobs.enqueue(task, args=[held.pk], at=at)
    return held


def forget_person(person_id: int, *, by: str, at: datetime) -> None:
    """Delete the notes about a person; runs within the ledger's erasure."""
    # By their own column: others have cut the response from its contact by now.
    Note.objects.filter(person=person_id).delete()
