"""Files of contacts and holds: upload, declare the columns, read the verdicts, commit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import StringConstraints

from promontory.charts.cells import csv_lines
from promontory.program.customers import actions, queries
from promontory.program.customers.api.routing import router
from promontory.program.customers.api.shapes import BasisName, Short, Text
from promontory.program.customers.models import ContactImport
from promontory.program.customers.rules.proposing import suggested
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


class ContactImportOut(Schema):
    """A file of customers on its way in; `status` says where it stands."""

    id: int
    kind: str = Field(examples=["contacts", "holds"])
    file_name: str
    status: str = Field(examples=["uploaded", "previewing", "previewed", "committing", "done"])
    job: int | None = Field(description="Its progress is at GET /jobs/JOB.")
    sha256: str
    size: int
    rows_total: int
    rows_done: int
    proposal: dict[str, Any]
    suggested: dict[str, Any] = Field(description="A mapping to begin with.")
    mapping: dict[str, Any]
    preview: dict[str, Any]
    report: dict[str, Any]
    problem: str
    created_at: datetime
    finished_at: datetime | None


class ContactImportPage(Schema):
    """Files of customers, newest first; `next` is the cursor of the page after it."""

    items: list[ContactImportOut]
    next: str | None


class ContactColumnIn(Strict):
    """What one column is; `dimension` and `label` are of attributes."""

    name: Text
    role: Literal[
        "customer", "email", "phone", "name", "account", "account_name", "stake", "language",
        "zone", "household", "basis", "consent_at", "allowed", "refused", "refused_email",
        "refused_sms", "refused_voice", "attribute", "declared", "reason", "until", "note",
        "ignore",
    ]  # fmt: skip
    dimension: Slug | None = ""
    label: Annotated[str, StringConstraints(max_length=100)] | None = ""


class ContactMappingIn(Strict):
    """What the columns are; begin with the import's `suggested`."""

    kind: Literal["contacts", "holds"] = "contacts"
    columns: list[ContactColumnIn] = Field(min_length=1, max_length=20_000)
    region: Annotated[str, StringConstraints(max_length=2)] = Field("", examples=["DE"])
    zone: Short = Field("UTC", examples=["Europe/Berlin"])
    order: Short | None = Field(None, examples=["dmy"])
    basis: BasisName = ""
    reopens: bool = Field(False, description="Let a dated consent open what was refused before it.")
    sheet: Text = ""


def _out(made: ContactImport) -> ContactImportOut:
    return ContactImportOut(
        job=int(made.job) if made.job else None,
        suggested=suggested(made.proposal, made.kind),
        **{
            name: getattr(made, name)
            for name in ContactImportOut.model_fields
            if name not in {"job", "suggested"}
        },
    )


def _tag(made: ContactImport) -> str:
    return etag("contact import", made.pk, made.status, made.mapping, made.job)


@router.get(
    "/contact-imports",
    tags=["contacts"],
    response=answers(ContactImportPage),
    summary="All files of customers",
)
def list_contact_imports(
    request: HttpRequest, cursor: Cursor = "", limit: Limit = 50
) -> ContactImportPage:
    found, following = page(queries.imports(viewer=viewer(request)), cursor, limit)
    return ContactImportPage(items=[_out(row) for row in found], next=following)


@router.post(
    "/contact-imports",
    tags=["contacts"],
    response=answers(ContactImportOut, 201),
    summary="Upload a file of contacts or holds",
)
def upload_contacts(
    request: HttpRequest,
    response: HttpResponse,
    file: File[UploadedFile],
    kind: Form[Literal["contacts", "holds"]] = "contacts",
) -> Status[ContactImportOut]:
    """Store a CSV, XLSX, Parquet or JSON Lines file and propose what its columns are."""
    made = actions.upload(
        file.chunks(), file.name or "file", kind=kind, by=viewer(request), at=now()
    )
    tagged(response, _tag(made))
    return Status(201, _out(made))


@router.get(
    "/contact-imports/{pk}",
    tags=["contacts"],
    response=answers(ContactImportOut),
    summary="One file of customers",
)
def get_contact_import(request: HttpRequest, response: HttpResponse, pk: Id) -> ContactImportOut:
    made = queries.one_import(pk, viewer=viewer(request))
    tagged(response, _tag(made))
    return _out(made)


@router.put(
    "/contact-imports/{pk}/mapping",
    tags=["contacts"],
    response=answers(ContactImportOut),
    summary="Declare its columns",
)
def put_contact_mapping(
    request: HttpRequest, response: HttpResponse, pk: Id, payload: ContactMappingIn
) -> ContactImportOut:
    """Say what the columns are; every row is then judged in the background (`preview`)."""
    asking = viewer(request)
    with transaction.atomic():
        made = queries.one_import(pk, viewer=asking, hold=True)
        must_match(request, _tag(made))
        made = actions.set_mapping(made, payload.dict(), by=asking, at=now())
    tagged(response, _tag(made))
    return _out(made)


@router.post(
    "/contact-imports/{pk}/commit",
    tags=["contacts"],
    response=answers(ContactImportOut, 202),
    summary="Bring it in",
)
def commit_contact_import(request: HttpRequest, pk: Id) -> Status[ContactImportOut]:
    """Have the previewed rows written in the background."""
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    return Status(202, _out(actions.start_commit(made, by=asking, at=now())))


@router.post(
    "/contact-imports/{pk}/cancel",
    tags=["contacts"],
    response=answers(ContactImportOut),
    summary="Stop bringing it in",
)
def cancel_contact_import(request: HttpRequest, pk: Id) -> ContactImportOut:
    """End it; rows that are written already stay."""
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    return _out(actions.cancel(made, by=asking, at=now()))


@router.get(
    "/contact-imports/{pk}/rejected.csv",
    tags=["contacts"],
    summary="Its rows set apart, with their reasons",
    openapi_extra={
        "responses": {
            200: {
                "description": "The rows as they came, with the reasons",
                "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def get_rejected_contacts(request: HttpRequest, pk: Id) -> StreamingHttpResponse:
    asking = viewer(request)
    made = queries.one_import(pk, viewer=asking)
    rows = queries.rejected_rows(made, viewer=asking)
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-contacts-{made.pk}.csv"'
    return response
