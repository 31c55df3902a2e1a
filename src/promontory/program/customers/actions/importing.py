"""A file of contacts or holds on its way in, up to the moment before it is committed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from collections.abc import Mapping as AnyMapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from promontory.errors import BadInput, Conflict, NotAllowed, NotFound, PromontoryError, Refusal
from promontory.jobs import actions as jobs
from promontory.jobs import running
from promontory.program.customers import queries, work
from promontory.program.customers.actions.later import later
from promontory.program.customers.codes import IMPORT_KINDS, ImportStatus
from promontory.program.customers.models import ContactImport
from promontory.program.customers.rules.mapping import Mapping
from promontory.program.customers.rules.proposing import propose
from promontory.program.offload import child
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.tables import open as open_table

_BLOCK = 1 << 20
_OPEN = (ImportStatus.UPLOADED, ImportStatus.PREVIEWED, ImportStatus.FAILED)


def upload(
    file: BinaryIO | Path | Iterable[bytes],
    file_name: str,
    *,
    kind: str = "contacts",
    by: Viewer,
    at: datetime,
) -> ContactImport:
    """Store a file of contacts or of holds, and propose what its columns are.

    A file that is no table is refused with what to do, and nothing is kept of it.
    """
    may_import(by)
    if kind not in IMPORT_KINDS:
        raise BadInput(f"“{kind}” is no kind of file.", remedy="Known: contacts, holds.")
    stored, digest, size = _store(file)
    path = settings.HOME.uploads / stored
    try:
        proposal = propose(open_table(path), file_name, kind)
    except PromontoryError:
        path.unlink()
        raise
    with transaction.atomic():
        before = ContactImport.objects.filter(sha256=digest, kind=kind, status=ImportStatus.DONE)
        proposal["same file"] = list(before.order_by("pk").values_list("pk", flat=True))
        made = ContactImport.objects.create(
            kind=kind,
            file_name=_plain_name(file_name),
            stored_as=stored,
            sha256=digest,
            size=size,
            status=ImportStatus.UPLOADED,
            proposal=proposal,
            by=by.by[:64],
            created_at=at,
        )
        audit("upload", made, by=by, at=at, detail={"kind": kind, "sha256": digest, "size": size})
    return made


def may_import(by: Viewer) -> None:
    """Refuse whoever may not bring in customers of the whole organisation."""
    by.must(Can.IMPORT)
    by.must(Can.MANAGE_CUSTOMERS)
    if by.units is not None:
        raise NotAllowed(
            "A file may hold customers of any unit, and you serve some of them only.",
            remedy="Let somebody bring it in who serves the whole organisation.",
        )


def _store(file: BinaryIO | Path | Iterable[bytes]) -> tuple[str, str, int]:
    folder: Path = settings.HOME.uploads
    folder.mkdir(parents=True, exist_ok=True)
    name = f"contacts-{secrets.token_hex(16)}"
    digest, size = hashlib.sha256(), 0
    temporary = folder / f"{name}.part"
    try:
        with temporary.open("xb") as out:
            for block in _blocks(file):
                digest.update(block)
                size += len(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if size == 0:
        temporary.unlink()
        raise BadInput("The file is empty.", remedy="Choose the file with the customers.")
    temporary.rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return name, digest.hexdigest(), size


def _blocks(file: BinaryIO | Path | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(file, Path):
        with file.open("rb") as stream:
            yield from iter(lambda: stream.read(_BLOCK), b"")
    elif hasattr(file, "read"):
        yield from iter(lambda: file.read(_BLOCK), b"")
    else:
        yield from file


def _plain_name(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(ch for ch in base if ch.isprintable())[:300] or "file"


@transaction.atomic
def set_mapping(
    source: ContactImport, mapping: Mapping | AnyMapping[str, Any], *, by: Viewer, at: datetime
) -> ContactImport:
    """Say what the columns are, and have every row judged."""
    may_import(by)
    held = locked(source.pk)
    if held.status not in _OPEN or held.keeper is not None:
        raise Conflict(
            f"This import is {held.status}; its columns cannot be declared any more.",
            remedy="Upload the file again if it has to be read otherwise.",
        )
    declared = mapping if isinstance(mapping, Mapping) else Mapping.from_json(mapping)
    if declared.kind != held.kind:
        raise BadInput(f"This file was uploaded as one of {held.kind}.")
    declared.check([column["name"] for column in held.proposal["columns"]])
    held.mapping = declared.to_json()
    held.status, held.problem, held.preview = ImportStatus.PREVIEWING, "", {}
    held.job = later("preview_contacts", at=at, import_id=held.pk)
    held.save()
    audit("map", held, by=by, at=at)
    return held


def preview(import_id: int, *, at: datetime) -> ContactImport:
    """Judge every row of a file and keep what was found; nothing else is written."""
    source = ContactImport.objects.get(pk=import_id)
    if source.status != ImportStatus.PREVIEWING:
        return source
    request = work.PreviewRequest(
        path=str(settings.HOME.uploads / source.stored_as),
        file_name=source.file_name,
        mapping=Mapping.from_json(source.mapping),
        index_key=settings.INDEX_KEY,
        now=at,
    )
    answers: dict[str, Callable[..., Any]] = {"people": queries.standing, "who": queries.who}
    found: dict[str, Any] = {}
    try:
        with child(work.preview, request) as worker:
            for kind, value in worker.messages(answers, before_answer=lambda: None):
                if kind == "progress":
                    running.progress(value[0], value[1], "judging rows")
                elif kind == "result":
                    found = value
    except Refusal as refusal:
        return fail(import_id, str(refusal), ImportStatus.PREVIEWING)
    with transaction.atomic():
        held = locked(import_id)
        if held.status == ImportStatus.PREVIEWING:
            held.preview, held.status = found, ImportStatus.PREVIEWED
            held.rows_total = found["last row"]
            held.save()
        return held


@transaction.atomic
def cancel(source: ContactImport, *, by: Viewer, at: datetime) -> ContactImport:
    """End an import that is not done. Rows that are written stay: they are customers by now."""
    may_import(by)
    held = locked(source.pk)
    if held.status == ImportStatus.CANCELLED:
        return held
    if held.status == ImportStatus.DONE:
        raise Conflict("This import is done.", remedy="Change or erase single contacts instead.")
    held.status, held.finished_at = ImportStatus.CANCELLED, at
    forget_cells(held)
    (settings.HOME.uploads / held.stored_as).unlink(missing_ok=True)
    held.stored_as = ""
    held.save()
    audit("cancel", held, by=by, at=at, detail={"rows": held.rows_done})
    return held


def retry(source: ContactImport, *, by: Viewer, at: datetime) -> None:
    """Give the work on an import that failed for good a fresh start."""
    may_import(by)
    if not source.job:
        raise Conflict("This import has no work to be tried again.", remedy="Declare its columns.")
    jobs.retry(int(source.job), by=by.by, at=at)


def forget_cells(source: ContactImport) -> None:
    """Drop the cells shown while columns were declared: no key covers them, so no erasure would."""
    columns = source.proposal.get("columns", [])
    source.proposal["columns"] = [{**column, "samples": []} for column in columns]
    if source.preview:
        source.preview |= {"samples": []}


@transaction.atomic
def fail(import_id: int, problem: str, while_in: ImportStatus) -> ContactImport:
    """Say on the import why it cannot go on, if it still stands where that was found."""
    held = locked(import_id)
    if held.status == while_in:
        held.status, held.problem = ImportStatus.FAILED, problem
        held.save()
    return held


def locked(import_id: int) -> ContactImport:
    """Return the import, which nobody else changes in the present transaction."""
    found = ContactImport.objects.select_for_update().filter(pk=import_id).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found


@transaction.atomic
def take_file(import_id: int, *, by: Viewer, at: datetime) -> ContactImport:
    """Return an import whose file is about to be handed out, and remember who took it."""
    may_import(by)
    by.must(Can.EXPORT)
    source = queries.one_import(import_id, viewer=by)
    if source.file_keeper is None or source.status != ImportStatus.DONE:
        raise NotFound(
            "The file is not kept.",
            remedy="It is kept once its import is done, until somebody is erased.",
        )
    audit("take the file of", source, by=by, at=at)
    return source
