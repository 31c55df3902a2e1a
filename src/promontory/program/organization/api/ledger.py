"""The ledger: where it stands, signed anchors of it, and verification in the background."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from promontory.jobs.models import Job
from promontory.program.ledger import queries as ledger
from promontory.program.organization import actions, queries
from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    LARGEST_ID,
    Cursor,
    Id,
    Limit,
    Strict,
    answers,
    now,
    page,
    viewer,
)

router = Router(tags=["ledger"])
Hex = Annotated[str, StringConstraints(max_length=200, pattern=r"^[0-9a-f]*$")]


class AnchorOut(Schema):
    """A signed head. Keep it where this installation cannot reach it; verify against it later."""

    installation: str
    position: int
    hash: str
    at: str
    public_key: str
    signature: str


class AnchorPage(Schema):
    """Signed heads, newest first; `next` is the cursor of the page after it."""

    items: list[AnchorOut]
    next: str | None


class HeadOut(Schema):
    """Where the chain stands; `pending` entries are written and not sealed yet."""

    position: int
    hash: str
    pending: int
    anchor: AnchorOut | None = Field(description="The newest signed head.")


class AnchorIn(Strict):
    """An anchor that was kept elsewhere, as it was given out."""

    installation: Annotated[str, StringConstraints(max_length=64)]
    position: int = Field(ge=0, le=LARGEST_ID)
    hash: Hex
    at: Annotated[str, StringConstraints(max_length=64)]
    public_key: Hex
    signature: Hex


class VerificationIn(Strict):
    """What to verify against; without an anchor the chain is held against itself alone."""

    anchor: AnchorIn | None = None


class VerificationOut(Schema):
    """A verification; `verdict` is there once `state` is “done”."""

    id: int
    state: str = Field(examples=["ready", "running", "done", "dead"])
    done: int
    total: int | None
    verdict: dict[str, Any] | None


def _verification(job: Job) -> VerificationOut:
    return VerificationOut(
        id=job.pk,
        state=job.state,
        done=job.progress_done,
        total=job.progress_total,
        verdict=job.result,
    )


@router.get("/ledger", response=answers(HeadOut), summary="Where the ledger stands")
def get_ledger(request: HttpRequest) -> HeadOut:
    viewer(request).must(Can.SEE_AUDIT)
    head, signed = ledger.head(), ledger.latest_anchor()
    return HeadOut(
        position=head.position,
        hash=head.hash.hex(),
        pending=ledger.pending_count(),
        anchor=AnchorOut(**asdict(signed)) if signed else None,
    )


@router.get("/ledger/anchors", response=answers(AnchorPage), summary="Signed heads")
def list_anchors(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> AnchorPage:
    found, following = page(queries.signed_heads(viewer=viewer(request)), cursor, limit)
    signed = [AnchorOut(**asdict(ledger.anchor_of(head))) for head in found]
    return AnchorPage(items=signed, next=following)


@router.post("/ledger/anchors", response=answers(AnchorOut, 201), summary="Sign the head now")
def make_anchor(request: HttpRequest) -> Status[AnchorOut]:
    """Sign the chain's present head; with nothing new since the last anchor, return that one."""
    return Status(201, AnchorOut(**asdict(actions.sign_head(by=viewer(request), at=now()))))


@router.post(
    "/ledger/verifications", response=answers(VerificationOut, 202), summary="Verify the ledger"
)
def start_verification(request: HttpRequest, payload: VerificationIn) -> Status[VerificationOut]:
    """Recompute the whole chain in the background; read the verdict under the id given back."""
    anchor = payload.anchor.dict() if payload.anchor else None
    job = actions.start_verification(anchor=anchor, by=viewer(request), at=now())
    return Status(202, _verification(job))


@router.get(
    "/ledger/verifications/{pk}", response=answers(VerificationOut), summary="One verification"
)
def get_verification(request: HttpRequest, pk: Id) -> VerificationOut:
    return _verification(queries.verification(pk, viewer=viewer(request)))
