"""What people decide about answers that did not come in by themselves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from promontory.errors import NotFound
from promontory.program.answering.models import Intake, Quarantine
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.codes import Disposition
from promontory.program.responses import actions as responses
from promontory.program.responses.codes import Excluded


@transaction.atomic
def try_again(act: int, *, by: Viewer, at: datetime) -> None:
    """Let an act that could not be settled be tried once more."""
    by.must(Can.SEND)
    found = Intake.objects.select_for_update().filter(pk=act).exclude(problem="").first()
    if found is None:
        raise NotFound("This answer does not wait for anybody.")
    audit("settle again", found, by=by, at=at, detail={"problem": found.problem})
    found.problem = ""
    found.save(update_fields=["problem"])


@transaction.atomic
def let_count(response: int, *, by: Viewer, at: datetime) -> None:
    """Decide that a person gave an answer after all: it counts from now on."""
    held = Quarantine.objects.select_for_update().filter(pk=response).first()
    if held is None:
        raise NotFound("This response is not in quarantine.")
    responses.readmit([response], reason=Excluded.SCANNER, note="a person's", by=by, at=at)
    if held.invitation_id is not None:
        why = "a person gave it after all"
        outreach.dispose([held.invitation_id], Disposition.ANSWERED, why=why, by=by.by, at=at)
    held.delete()


@transaction.atomic
def keep_out(response: int, *, by: Viewer, at: datetime) -> None:
    """Decide that a machine gave an answer: it stays kept, and never counts."""
    by.must(Can.MANAGE_METHOD)
    held = Quarantine.objects.select_for_update().filter(pk=response).first()
    if held is None:
        raise NotFound("This response is not in quarantine.")
    audit("keep out", held.response, by=by, at=at, detail={"reason": "SCANNER"})
    held.delete()
