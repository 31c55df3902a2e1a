"""Background work: how far one job has come."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from promontory.program.organization import queries
from promontory.program.organization.doors import Id, answers, viewer

router = Router(tags=["jobs"])


class JobOut(Schema):
    """A job; `reason` says why it failed for good, if it did."""

    id: int
    task: str = Field(examples=["preview_import"])
    state: str = Field(examples=["ready", "running", "done", "dead", "cancelled"])
    done: int
    total: int | None
    note: str
    failures: int
    reason: str
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@router.get("/jobs/{pk}", response=answers(JobOut), summary="How far a job has come")
def get_job(request: HttpRequest, pk: Id) -> JobOut:
    job = queries.job(pk, viewer=viewer(request))
    return JobOut(
        id=job.pk,
        task=job.task.rsplit(".", 1)[-1],
        state=job.state,
        done=job.progress_done,
        total=job.progress_total,
        note=job.progress_note,
        failures=job.failures,
        reason=job.reason,
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
