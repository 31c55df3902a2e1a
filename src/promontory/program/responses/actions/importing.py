"""A file on its way in, up to the moment before it is committed: upload, mapping, preview."""

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

from promontory.errors import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    PromontoryError,
    Refusal,
)
from promontory.jobs import actions as jobs
from promontory.jobs import running
from promontory.program.offload import child
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.responses import queries, work
from promontory.program.responses.actions.later import later
from promontory.program.responses.models import Import, Response
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.mapping import Mapping
from promontory.program.responses.rules.proposing import propose, ready_mapping
from promontory.program.surveys.models import Survey
from promontory.tables import open as open_table

_BLOCK = 1 << 20
_OPEN = (ImportStatus.UPLOADED, ImportStatus.PREVIEWED, ImportStatus.FAILED)


def upload(
    file: BinaryIO | Path | Iterable[bytes],
    file_name: str,
    *,
    survey: Survey | None = None,
    by: Viewer,
    at: datetime,
) -> Import:
    """Store a file of answers, and propose what its columns are.

    A file that is no table is refused with what to do, and nothing is kept of it.
    """
    by.must(Can.IMPORT)
    if by.units is not None:
        raise NotAllowed(
            "A file may hold answers of any unit, and you serve some of them only.",
            remedy="Let somebody bring it in who serves the whole organisation.",
        )
    stored, digest, size = _store(file)
    path = settings.HOME.uploads / stored
    try:
        proposal = propose_for(path, file_name)
    except PromontoryError:
        path.unlink()
        raise
    with transaction.atomic():
        before = Import.objects.filter(sha256=digest, status=ImportStatus.DONE).order_by("pk")
        proposal["same file"] = [
            {"import": pk, "survey": name, "finished_at": finished and finished.isoformat()}
            for pk, name, finished in before.values_list("pk", "survey__name", "finished_at")
        ]
        made = Import.objects.create(
            survey=survey,
            file_name=_plain_name(file_name),
            stored_as=stored,
            sha256=digest,
            size=size,
            status=ImportStatus.UPLOADED,
            proposal=proposal,
            by_id=by.user_id,
            created_at=at,
        )
        audit("upload", made, by=by, at=at, detail={"sha256": digest, "size": size})
    return made


def propose_for(path: Path, file_name: str, **options: Any) -> dict[str, Any]:
    """Return what the columns of a stored file seem to be, and what must be asked."""
    table = open_table(path, **options)
    return propose(table, file_name)


def _store(file: BinaryIO | Path | Iterable[bytes]) -> tuple[str, str, int]:
    folder: Path = settings.HOME.uploads
    folder.mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(16)
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
        raise BadInput("The file is empty.", remedy="Choose the file with the answers.")
    temporary.rename(folder / name)
    _sync_folder(folder)
    return name, digest.hexdigest(), size


def _blocks(file: BinaryIO | Path | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(file, Path):
        with file.open("rb") as stream:
            yield from iter(lambda: stream.read(_BLOCK), b"")
    elif hasattr(file, "read"):
        yield from iter(lambda: file.read(_BLOCK), b"")
    else:
        yield from file


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain_name(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(ch for ch in base if ch.isprintable())[:300] or "file"


@transaction.atomic
def set_mapping(
    source: Import,
    mapping: Mapping | AnyMapping[str, Any],
    *,
    survey: Survey | None = None,
    by: Viewer,
    at: datetime,
) -> Import:
    """Say what the columns are and which survey was asked, and have every row judged.

    Refuses a declaration that leaves a question open which only a person can answer.
    """
    by.must(Can.IMPORT)
    locked = _locked(source.pk)
    if locked.status not in _OPEN or locked.first_response is not None:
        raise Conflict(
            f"This import is {locked.status}; its columns cannot be declared any more.",
            remedy="Upload the file again if it has to be read otherwise.",
        )
    declared = mapping if isinstance(mapping, Mapping) else Mapping.from_json(mapping)
    chosen = survey or locked.survey
    if chosen is None:
        raise BadInput("No survey is chosen.", remedy="Say which survey these answers are to.")
    declared.check([column["name"] for column in locked.proposal["columns"]])
    ready_mapping(declared, locked.proposal)
    locked.survey, locked.mapping = chosen, declared.to_json()
    locked.status, locked.problem, locked.preview = ImportStatus.PREVIEWING, "", {}
    locked.job = later("preview_import", at=at, import_id=locked.pk)
    locked.save()
    audit("map", locked, by=by, at=at, detail={"survey": chosen.key})
    return locked


def preview(import_id: int, *, at: datetime) -> Import:
    """Judge every row of a file and keep what was found; nothing else is written."""
    source = Import.objects.select_related("survey").get(pk=import_id)
    if source.status != ImportStatus.PREVIEWING:
        return source
    survey = source.survey
    assert survey is not None, "a mapping names its survey"
    request = work.PreviewRequest(
        path=str(settings.HOME.uploads / source.stored_as),
        file_name=source.file_name,
        mapping=Mapping.from_json(source.mapping),
        survey=survey.pk,
        promise=survey.promise,
        sha256=source.sha256,
        index_key=settings.INDEX_KEY,
        has_stored=Response.objects.filter(survey=survey).exists(),
    )
    answers: dict[str, Callable[..., Any]] = {
        "contacts": queries.known_contacts,
        "stored": queries.stored_keys,
        "twins": lambda keys: queries.stored_contents(keys, survey=survey.pk),
    }
    found: dict[str, Any] = {}
    try:
        with child(work.preview, request) as worker:
            for kind, value in worker.messages(answers, before_answer=lambda: None):
                if kind == "progress":
                    running.progress(value[0], value[1], "judging rows")
                elif kind == "result":
                    found = value
    except Refusal as refusal:
        return _fail(import_id, str(refusal), ImportStatus.PREVIEWING)
    with transaction.atomic():
        locked = _locked(import_id)
        if locked.status == ImportStatus.PREVIEWING:
            locked.preview, locked.status = found, ImportStatus.PREVIEWED
            locked.rows_total = found["last row"]
            locked.save()
        return locked


def retry(source: Import, *, by: Viewer, at: datetime) -> None:
    """Give the work on an import that failed for good a fresh start."""
    by.must(Can.IMPORT)
    if not source.job:
        raise Conflict("This import has no work to be tried again.", remedy="Declare its columns.")
    jobs.retry(int(source.job), by=by.by, at=at)


@transaction.atomic
def _fail(import_id: int, problem: str, while_in: ImportStatus) -> Import:
    locked = _locked(import_id)
    if locked.status == while_in:
        locked.status, locked.problem = ImportStatus.FAILED, problem
        locked.save()
    return locked


def _locked(import_id: int) -> Import:
    found = Import.objects.select_for_update().filter(pk=import_id).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found
