"""One answer at a time: record it, correct it, take it out of the count and back in, look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from promontory.errors import BadInput, Place
from promontory.program.ledger import actions as ledger
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.responses import queries
from promontory.program.responses.actions.changing import change, locked
from promontory.program.responses.actions.gathering import NewResponse, record_all
from promontory.program.responses.actions.later import later
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import Look, Response
from promontory.program.responses.queries.finding import by_given_id


@transaction.atomic
def record(new: NewResponse, *, refresh: bool = True, by: Viewer, at: datetime) -> Response:
    """Keep one answer, in the ledger too; the same `given_id` again returns what is kept.

    Under an anonymous promise nobody is linked to the answer, whoever is named, and no instant of
    it is kept but its day. Who records many leaves it to the clock to `refresh` the warehouse.
    """
    if there := by_given_id(new.survey.pk, new.given_id):
        return there
    [response_id] = record_all([new], by=by, at=at)
    if refresh:
        later("refresh_warehouse", at=at)
    return Response.objects.get(pk=response_id)


@transaction.atomic
def correct(
    response_id: int,
    *,
    answers: Mapping[str, int | None],
    comment: str | None = None,
    reason: str,
    by: Viewer,
    at: datetime,
) -> Response:
    """Put an answer right: what stood before stays in the ledger, with who changed it and why."""
    by.must(Can.SEE_ANSWERS)
    by.must(Can.IMPORT)
    if not reason.strip():
        raise BadInput("A correction needs a reason.", place=Place(field="reason"))
    response, owner, before = locked(response_id, by)
    change(response, owner, before, answers=answers, comment=comment, by=by, at=at)
    audit("correct", response, by=by, at=at, detail={"reason": reason.strip()})
    later("refresh_warehouse", at=at)
    return response


def exclude(
    responses: Collection[int], *, reason: Excluded, note: str = "", by: Viewer, at: datetime
) -> int:
    """Take answers out of the count for one reason, and return how many were in it."""
    return _change_mask(responses, reason, out=True, note=note, by=by, at=at)


def readmit(
    responses: Collection[int], *, reason: Excluded, note: str = "", by: Viewer, at: datetime
) -> int:
    """Let answers count again as far as this reason goes, and return how many were out."""
    return _change_mask(responses, reason, out=False, note=note, by=by, at=at)


@transaction.atomic
def _change_mask(
    responses: Collection[int], reason: Excluded, *, out: bool, note: str, by: Viewer, at: datetime
) -> int:
    by.must(Can.MANAGE_METHOD)
    if reason not in set(Excluded) or reason == Excluded.NONE:
        raise BadInput("Give one reason, of those that exist.", place=Place(field="reason"))
    changed = 0
    for response_id in sorted(set(responses)):
        response, _, before = locked(response_id, by)
        mask = response.mask | reason if out else response.mask & ~reason
        if mask == response.mask:
            continue
        response.mask = mask
        response.save(update_fields=["mask"])
        kind = ledger.Kind.EXCLUSION if out else ledger.Kind.READMISSION
        entry = ledger.NewEntry(
            kind=kind,
            by=by.by,
            kept={"old": before, "new": {**before, "m": int(mask)}, "reason": int(reason)},
            subject=response.pk,
            local_day=response.local_day,
        )
        ledger.append([entry], at=at)
        verb = "exclude" if out else "readmit"
        audit(verb, response, by=by, at=at, detail={"reason": reason.name, "note": note})
        changed += 1
    if changed:
        later("refresh_warehouse", at=at)
    return changed


@transaction.atomic
def open_response(response_id: int, *, by: Viewer, at: datetime) -> queries.Shown:
    """Show one response with its history, and remember who looked."""
    shown = queries.one(response_id, viewer=by)
    if by.user_id is not None:
        Look.objects.create(response_id=response_id, user_id=by.user_id, at=at)
    return shown
