"""Imports: upload, declare the columns, read the verdicts, commit, read the report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import StringConstraints

from promontory.charts.cells import csv_lines
from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Cursor,
    Id,
    Limit,
    Slug,
    Strict,
    answers,
    etag,
    must_match,
    now,
    page,
    tagged,
    viewer,
)
from promontory.program.responses import actions, queries
from promontory.program.responses.models import Import
from promontory.program.responses.rules.proposing import suggested
from promontory.program.surveys import queries as surveys

router = Router(tags=["imports"])
Short = Annotated[str, StringConstraints(max_length=64)]
Text = Annotated[str, StringConstraints(max_length=300)]


class ImportOut(Schema):
    """A file on its way in; `status` says where it stands, `job` who is at work on it."""

    id: int
    file_name: str
    survey: str | None
    status: str = Field(examples=["uploaded", "previewing", "previewed", "committing", "done"])
    job: int | None = Field(description="Its progress is at GET /jobs/JOB.")
    sha256: str
    size: int
    rows_total: int
    rows_done: int
    proposal: dict[str, Any]
    suggested: dict[str, Any] = Field(description="A mapping to begin with; open questions stay.")
    mapping: dict[str, Any]
    preview: dict[str, Any]
    report: dict[str, Any]
    problem: str
    created_at: datetime
    finished_at: datetime | None


class ImportPage(Schema):
    """Imports, newest first; `next` is the cursor of the page after it."""

    items: list[ImportOut]
    next: str | None


class ColumnIn(Strict):
    """What one column is; `metric`, `scale`, `question` of answers, the rest of attributes."""

    name: Text
    role: Literal[
        "answer", "id", "at", "email", "customer", "phone", "name", "account", "comment",
        "language", "channel", "unit", "weight", "attribute", "ignore",
    ]  # fmt: skip
    metric: Literal["", "nps", "csat", "ces", "yes_no"] | None = ""
    scale: Short | None = Field(None, examples=["0-10"])
    question: Short | None = ""
    dimension: Slug | None = ""
    label: Annotated[str, StringConstraints(max_length=100)] | None = ""
    declared: bool = False


class MappingIn(Strict):
    """What the columns are; begin with the import's `suggested`, and answer what is open."""

    survey: Slug
    columns: list[ColumnIn] = Field(min_length=1, max_length=20_000)
    zone: Short | None = Field(None, examples=["Europe/Berlin"])
    order: Short | None = Field(None, examples=["day first"])
    numbers: Short | None = None
    fold: Short | None = None
    fixed_day: Short | None = Field(None, examples=["2026-03-31"])
    partial: Literal["commented", "answered", "all"] = "commented"
    sheet: Text = ""


def _import(made: Import) -> ImportOut:
    return ImportOut(
        id=made.pk,
        survey=made.survey.key if made.survey else None,
        job=int(made.job) if made.job else None,
        suggested=suggested(made.proposal),
        **{
            name: getattr(made, name)
            for name in ImportOut.model_fields
            if name not in {"id", "survey", "job", "suggested"}
        },
    )


def _tag(made: Import) -> str:
    return etag("import", made.pk, made.status, made.mapping, made.survey_id, made.job)


@router.get("/imports", response=answers(ImportPage), summary="All imports")
def list_imports(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> ImportPage:
    found, following = page(queries.imports(viewer=viewer(request)), cursor, limit)
    return ImportPage(items=[_import(row) for row in found], next=following)


@router.post("/imports", response=answers(ImportOut, 201), summary="Upload a file of answers")
def upload_import(
    request: HttpRequest, response: HttpResponse, file: File[UploadedFile], survey: Form[str] = ""
) -> Status[ImportOut]:
    """Store a CSV, XLSX, Parquet or JSON Lines file and propose what its columns are."""
    asking = viewer(request)
    asking.must(Can.IMPORT)
    chosen = surveys.survey(survey, viewer=asking) if survey else None
    made = actions.upload(file.chunks(), file.name or "file", survey=chosen, by=asking, at=now())
    tagged(response, _tag(made))
    return Status(201, _import(made))


@router.get("/imports/{pk}", response=answers(ImportOut), summary="One import")
def get_import(request: HttpRequest, response: HttpResponse, pk: Id) -> ImportOut:
    made = queries.one_import(pk, viewer=viewer(request))
    tagged(response, _tag(made))
    return _import(made)


@router.put("/imports/{pk}/mapping", response=answers(ImportOut), summary="Declare the columns")
def put_mapping(
    request: HttpRequest, response: HttpResponse, pk: Id, payload: MappingIn
) -> ImportOut:
    """Say what the columns are; every row is then judged in the background (`preview`)."""
    asking = viewer(request)
    told = payload.dict()
    survey = surveys.survey(told.pop("survey"), viewer=asking)
    with transaction.atomic():
        made = queries.one_import(pk, viewer=asking, hold=True)
        must_match(request, _tag(made))
        made = actions.set_mapping(made, told, survey=survey, by=asking, at=now())
    tagged(response, _tag(made))
    return _import(made)


@router.post("/imports/{pk}/commit", response=answers(ImportOut, 202), summary="Commit it")
def commit_import(request: HttpRequest, pk: Id) -> Status[ImportOut]:
    """Have the previewed rows written in the background; they become visible all at once."""
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    return Status(202, _import(actions.start_commit(made, by=asking, at=now())))


@router.post("/imports/{pk}/cancel", response=answers(ImportOut), summary="Cancel it")
def cancel_import(request: HttpRequest, pk: Id) -> ImportOut:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    return _import(actions.cancel(made, by=asking, at=now()))


@router.post("/imports/{pk}/retry", response=answers(ImportOut, 202), summary="Try it again")
def retry_import(request: HttpRequest, pk: Id) -> Status[ImportOut]:
    """Give an import's work that failed for good a fresh start."""
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    actions.retry(made, by=asking, at=now())
    return Status(202, _import(queries.one_import(pk, viewer=asking)))


@router.get(
    "/imports/{pk}/rejected.csv",
    summary="The rejected rows, with their reasons",
    openapi_extra={
        "responses": {
            200: {
                "description": "The rows as they came, with the reasons",
                "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def get_rejected_rows(request: HttpRequest, pk: Id) -> StreamingHttpResponse:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    rows = queries.rejected_rows(made, viewer=asking)
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{made.pk}.csv"'
    return response
