"""The REST API of follow-up: cases, calls and notes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from promontory.program.followup import actions, queries
from promontory.program.followup.models import Case
from promontory.program.organization.doors import (
    Cursor,
    Id,
    Limit,
    Strict,
    answers,
    now,
    page,
    viewer,
)

router = Router(tags=["follow-up"])

Words = Annotated[str, StringConstraints(max_length=actions.LONGEST_NOTE)]


class NoteOut(Schema):
    """What was said or done."""

    text: str
    by: str
    at: datetime


class CaseOut(Schema):
    """The call owed to one customer for one response."""

    id: int
    response: int
    survey: str
    score: int = Field(ge=0, le=6)
    owner: int | None = Field(description="The number of the person who is to call.")
    opened_at: datetime
    mailed_at: datetime | None
    called_at: datetime | None
    called_by: str = Field(examples=["user:3"])


class CaseWithNotes(CaseOut):
    """A case with its notes, oldest first."""

    notes: list[NoteOut]


class CaseList(Schema):
    """Some cases, newest first."""

    items: list[CaseOut]
    next: str | None


class CallIn(Strict):
    """That somebody spoke with the customer, and what was said."""

    note: Words = ""


class NoteIn(Strict):
    """What was said or done."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=actions.LONGEST_NOTE)]


def _out(case: Case) -> dict[str, object]:
    return {
        "id": case.pk,
        "response": case.response_id,
        "survey": case.response.survey.key,
        "score": case.score,
        "owner": case.owner_id,
        "opened_at": case.opened_at,
        "mailed_at": case.mailed_at,
        "called_at": case.called_at,
        "called_by": case.called_by,
    }


def _whole(case: Case) -> CaseWithNotes:
    notes = [NoteOut(text=n.text, by=n.by, at=n.at) for n in queries.notes(case)]
    return CaseWithNotes.model_validate({**_out(case), "notes": notes})


@router.get("/cases", response=answers(CaseList), summary="Cases")
def list_cases(
    request: HttpRequest,
    state: Literal["open", "called", "all"] = "open",
    mine: bool = False,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> CaseList:
    found = queries.cases(viewer=viewer(request), state=state, mine=mine)
    rows, more = page(found, cursor, limit)
    return CaseList(items=[CaseOut.model_validate(_out(case)) for case in rows], next=more)


@router.get("/cases/{number}", response=answers(CaseWithNotes), summary="One case")
def get_case(request: HttpRequest, number: Id) -> CaseWithNotes:
    return _whole(queries.case(number, viewer=viewer(request)))


@router.post("/cases/{number}/call", response=answers(CaseWithNotes), summary="Say “I called”")
def call(request: HttpRequest, number: Id, payload: CallIn) -> CaseWithNotes:
    """Record the call; said twice, the first one stands."""
    asking = viewer(request)
    case = queries.case(number, viewer=asking)
    actions.record_call(case, note=payload.note, by=asking, at=now())
    return _whole(queries.case(number, viewer=asking))


@router.post("/cases/{number}/notes", response=answers(CaseWithNotes, 201), summary="Add a note")
def note(request: HttpRequest, number: Id, payload: NoteIn) -> Status[CaseWithNotes]:
    asking = viewer(request)
    case = queries.case(number, viewer=asking)
    actions.add_note(case, text=payload.text, by=asking, at=now())
    return Status(201, _whole(case))
