"""Committing an import: slice after slice, resumable at any row, visible whole at its end."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef

from promontory.errors import BadInput, Broken, Conflict, Refusal
from promontory.jobs import running
from promontory.program.customers import actions as customers
from promontory.program.customers.models import LANGUAGE, Contact
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Entry, Person
from promontory.program.offload import child
from promontory.program.organization.access import SYSTEM, Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.organization.models import OrgUnit
from promontory.program.responses import queries, work
from promontory.program.responses.actions.importing import _fail, _locked
from promontory.program.responses.actions.later import later
from promontory.program.responses.actions.writing import write_keys, write_rows
from promontory.program.responses.models import Import, RejectedRow, Response
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.mapping import Column, Mapping, slug
from promontory.program.responses.rules.slices import Plan, Slice
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.actions import NewQuestion, add_version
from promontory.program.surveys.models import Question, Survey, SurveyVersion

SLICE_SECONDS = 0.040
"""What a transaction of an import aims at; others wait for the writer no longer than that."""
_MOST_ROWS = 4_096
_ATTEMPTS = 5
_SWEEP_ROWS = 200
_JOURNAL_PAGES = 64_000
_CACHE_KB = 262_144


@transaction.atomic
def start_commit(source: Import, *, by: Viewer, at: datetime) -> Import:
    """Have a previewed file committed in the background."""
    by.must(Can.IMPORT)
    locked = _locked(source.pk)
    if locked.status != ImportStatus.PREVIEWED:
        raise Conflict(
            f"This import is {locked.status}, not previewed.",
            remedy="Declare its columns and wait for the preview first.",
        )
    if not locked.preview["counts"].get("good"):
        raise BadInput(
            "Not one row of this file can become a response.",
            remedy="See the reasons in the preview, and declare the columns otherwise.",
        )
    _refuse_beside_another(locked)
    _settle_plan(locked, at=at)
    locked.status = ImportStatus.COMMITTING
    locked.job = later("commit_import", at=at, import_id=locked.pk)
    locked.save()
    audit("commit", locked, by=by, at=at, detail={"rows": locked.rows_total})
    return locked


def _refuse_beside_another(source: Import) -> None:
    """Refuse while hidden rows of another import could be taken for rows that are stored."""
    others = Import.objects.filter(survey=source.survey).exclude(pk=source.pk)
    hidden = others.filter(status=ImportStatus.COMMITTING) | others.filter(
        status__in=(ImportStatus.FAILED, ImportStatus.CANCELLED), rows_done__gt=0
    )
    if other := hidden.first():
        remedy = "Cancel it first." if other.status == ImportStatus.FAILED else "Try again soon."
        raise Conflict(
            f"Import {other.pk} of this survey is {other.status}, and its rows are still here.",
            remedy=remedy,
        )


def _settle_plan(source: Import, *, at: datetime) -> None:
    """Fix everything that decides what a row becomes, so that a resumed import goes on alike."""
    mapping, survey = Mapping.from_json(source.mapping), source.survey
    assert survey is not None, "a mapping names its survey"
    version, questions = _asking(survey, mapping, at=at)
    crowded = {n for n, a in source.preview["attributes"].items() if a["crowded"]}
    dimensions = customers.ensure_dimensions(
        {
            c.dimension: customers.NewDimension(label=c.label, is_declared=c.declared)
            for c in mapping.attributes
            if c.name not in crowded
        },
        at=at,
    )
    language = None
    if mapping.named("language"):
        wanted = {LANGUAGE: customers.NewDimension(label="Language", is_declared=True)}
        language = customers.ensure_dimensions(wanted, at=at)[LANGUAGE].pk
    [keeper] = ledger.create_people(1)
    rows = source.rows_total + 1
    source.first_response = ledger.reserve_ids(Response, rows) - 1
    source.first_entry = ledger.reserve_ids(Entry, rows) - 1
    source.first_person = ledger.reserve_ids(Person, rows) - 1
    source.first_contact = ledger.reserve_ids(Contact, rows) - 1
    source.keeper = keeper.id
    source.plan = {
        "at": at.isoformat(),
        "version": version.pk,
        "questions": questions,
        "dimensions": {
            c.name: [dimensions[c.dimension].pk, dimensions[c.dimension].is_declared]
            for c in mapping.attributes
            if c.name not in crowded
        },
        "language": language,
    }


def _asking(survey: Survey, mapping: Mapping, *, at: datetime) -> tuple[SurveyVersion, list[int]]:
    """Return a version of the survey that asks all these questions, and their ids in order.

    The version asked now, if it does; else the next one, with what the file asks beside.
    """
    version = surveys.current_version(survey)
    there = list(version.questions.all())
    missing = [c for c in mapping.answers if _question(c, there) is None]
    if missing:
        asked = [NewQuestion(key=q.key, text=q.text, kind=q.kind, metric=q.metric) for q in there]
        taken = {question.key for question in there}
        for column in missing:
            key = _key(column) if _key(column) not in taken else f"{_key(column)}-raw"
            taken.add(key)
            asked.append(NewQuestion(key=key, text=column.name, metric=column.metric))
        version = add_version(survey, questions=asked, is_asked=False, by=SYSTEM, at=at)
        there = list(version.questions.all())
    found = [_question(column, there) for column in mapping.answers]
    return version, [question.pk for question in found if question is not None]


def _question(column: Column, there: Sequence[Question]) -> Question | None:
    if column.metric:
        return next((q for q in there if q.metric == column.metric), None)
    keys = (_key(column), f"{_key(column)}-raw")
    return next((q for q in there if q.key in keys and not q.metric and q.kind == "scale"), None)


def _key(column: Column) -> str:
    return (column.question or slug(column.name))[:60]


def commit(import_id: int, *, at: datetime) -> Import:
    """Write the rows of an import that are not written yet, then close it.

    May be killed at any moment and called again; called once more after the end, does nothing.
    """
    for attempt in range(_ATTEMPTS):
        source = Import.objects.select_related("survey").get(pk=import_id)
        if source.status != ImportStatus.COMMITTING:
            _drop_file(source)
            return source
        try:
            _write_rest(source)
            closed = _close(import_id, at=at)
            _drop_file(closed)
            return closed
        except (IntegrityError, Conflict):
            # A live answer has stored the same id or person, or somebody was erased: look again.
            if attempt == _ATTEMPTS - 1:
                raise
        except _Stopped:
            continue
        except Refusal as refusal:
            return _fail(import_id, str(refusal), ImportStatus.COMMITTING)
    raise Broken(f"Import {import_id} could not be written.")


class _Stopped(Exception):
    """Somebody else has taken the import further, or ended it."""


def _write_rest(source: Import) -> None:
    plan = _plan(source)
    request = work.CommitRequest(
        path=str(settings.HOME.uploads / source.stored_as),
        file_name=source.file_name,
        plan=plan,
        rows_done=source.rows_done,
    )
    writer = _Writer(source)
    answers: dict[str, Callable[..., Any]] = {
        "contacts": queries.known_contacts,
        "stored": queries.stored_keys,
        "accounts": lambda keys: customers.ensure_accounts(keys, at=plan.at),
        "codes": customers.ensure_codes,
    }
    with _room_for_many_rows(), _no_search_for_cycles(), child(work.commit, request) as worker:
        for kind, value in worker.messages(answers, before_answer=writer.flush):
            if kind == "slice":
                writer.add(value)
    writer.flush()


@contextmanager
def _room_for_many_rows() -> Iterator[None]:
    """On SQLite, hold the indexes in memory and copy the journal into the database rarely.

    Rows with random keys touch the same pages again and again: so each is read and copied once.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size = {-_CACHE_KB}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_JOURNAL_PAGES}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(usual)}")
            cursor.execute("PRAGMA wal_autocheckpoint = 1000")


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Pause the collector: millions of tuples come and go, and not one is part of a cycle.

    Other threads of this process may make cycles meanwhile; `_Writer` clears the young ones.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _plan(source: Import) -> Plan:
    survey, settled = source.survey, source.plan
    assert survey is not None and source.keeper is not None, "settled when the commit began"
    mapping = Mapping.from_json(source.mapping)
    kept = settled["dimensions"]
    return Plan(
        source=source.pk,
        by=f"import:{source.pk}",
        at=datetime.fromisoformat(settled["at"]),
        sha256=source.sha256,
        survey=survey.pk,
        version=settled["version"],
        promise=survey.promise,
        mapping=mapping.with_attributes({name: declared for name, (_, declared) in kept.items()}),
        questions=tuple(settled["questions"]),
        dimensions={name: pk for name, (pk, _) in kept.items()},
        language=settled["language"],
        units=_units() if mapping.named("unit") else {},
        first_response=source.first_response or 0,
        first_entry=source.first_entry or 0,
        first_person=source.first_person or 0,
        first_contact=source.first_contact or 0,
        keeper=source.keeper,
        keeper_key=ledger.keys_of([source.keeper])[source.keeper],
        index_key=settings.INDEX_KEY,
        master_key=settings.MASTER_KEY,
    )


def _units() -> dict[str, int]:
    units = OrgUnit.objects.values_list("pk", "key", "name")
    by_name = {name.casefold(): pk for pk, _, name in units}
    return by_name | {key.casefold(): pk for pk, key, _ in units}


class _Writer:
    """Collects slices and writes as many at a time as fit into one short transaction."""

    def __init__(self, source: Import) -> None:
        self._import = source.pk
        self._total = source.rows_total
        self._done = source.rows_done
        self._waiting: list[Slice] = []
        self._rows = 0
        self._seconds_a_row = 0.0001
        self._said = 0.0

    def add(self, made: Slice) -> None:
        self._waiting.append(made)
        self._rows += made.size
        if self._rows >= min(_MOST_ROWS, SLICE_SECONDS / self._seconds_a_row):
            self.flush()

    def flush(self) -> None:
        """Write what waits, in one transaction, together with how far the import has come."""
        if not self._waiting:
            return
        started = time.thread_time()
        with running.checkpoint(), self._counted() as counts:
            write_keys(self._waiting)
            with connection.cursor() as cursor:
                write_rows(self._waiting, cursor=cursor)
            for made in self._waiting:
                for what, count in made.counts.items():
                    counts[what] = counts.get(what, 0) + count
        seconds = (time.thread_time() - started) / self._rows
        self._seconds_a_row = 0.7 * self._seconds_a_row + 0.3 * seconds
        self._done = self._waiting[-1].last_row
        self._waiting, self._rows = [], 0
        if time.monotonic() - self._said > 0.5:
            self._said = time.monotonic()
            gc.collect(1)
            running.progress(self._done, self._total, "writing rows")

    @contextmanager
    def _counted(self) -> Iterator[dict[str, Any]]:
        locked = _locked(self._import)
        if locked.status != ImportStatus.COMMITTING or locked.rows_done != self._done:
            raise _Stopped
        yield locked.report
        locked.rows_done = self._waiting[-1].last_row
        locked.save(update_fields=["rows_done", "report"])


@transaction.atomic
def _close(import_id: int, *, at: datetime) -> Import:
    locked = _locked(import_id)
    if locked.status != ImportStatus.COMMITTING:
        return locked
    stored = locked.report.get("stored", 0)
    kept = {
        "import": locked.pk,
        "sha256": locked.sha256,
        "stored": stored,
        "rejected": locked.report.get("rejected", 0),
    }
    entry = ledger.NewEntry(
        kind=ledger.Kind.IMPORT_CLOSED,
        by=f"import:{locked.pk}",
        kept=kept,
        subject=None,
        batch=locked.pk,
    )
    [locked.closed_by] = ledger.append([entry], at=at)
    locked.status, locked.finished_at = ImportStatus.DONE, at
    _forget_cells(locked)
    locked.save()
    later("refresh_warehouse", at=at)
    later("tend_warehouse", at=at)
    return locked


def _forget_cells(source: Import) -> None:
    """Drop the cells shown while columns were declared: no key covers them, so no erasure would."""
    columns = source.proposal.get("columns", [])
    source.proposal["columns"] = [{**column, "samples": []} for column in columns]
    if source.preview:
        seen = source.preview["attributes"].items()
        attributes = {name: {**said, "values": []} for name, said in seen}
        source.preview |= {"samples": [], "attributes": attributes}


def _drop_file(source: Import) -> None:
    """Delete the uploaded file of an import that has ended: its rows are kept, encrypted."""
    if source.status in (ImportStatus.DONE, ImportStatus.CANCELLED):
        (settings.HOME.uploads / source.stored_as).unlink(missing_ok=True)


@transaction.atomic
def cancel(source: Import, *, by: Viewer, at: datetime) -> Import:
    """End an import that is not done; whatever it has written is deleted, and never was visible."""
    by.must(Can.IMPORT)
    locked = _locked(source.pk)
    if locked.status == ImportStatus.CANCELLED:
        return locked
    if locked.status == ImportStatus.DONE:
        raise Conflict("This import is done: its answers count.", remedy="Exclude answers instead.")
    if locked.first_response is not None:
        kept = {"import": locked.pk, "sha256": locked.sha256, "rows": locked.rows_done}
        entry = ledger.NewEntry(
            kind=ledger.Kind.IMPORT_CANCELLED, by=by.by, kept=kept, batch=locked.pk
        )
        [locked.closed_by] = ledger.append([entry], at=at)
    locked.status, locked.finished_at = ImportStatus.CANCELLED, at
    _forget_cells(locked)
    locked.save()
    audit("cancel", locked, by=by, at=at)
    later("sweep_import", at=at, import_id=locked.pk)
    return locked


def sweep(import_id: int) -> None:
    """Delete what a cancelled import has written, slice after slice; may be killed and repeated."""
    source = Import.objects.get(pk=import_id)
    if source.status != ImportStatus.CANCELLED:
        return
    _drop_file(source)
    if source.first_response is None or source.first_contact is None:
        return
    first, last = source.first_response, source.first_response + source.rows_total
    ours = Response.objects.filter(source=source, pk__gte=first, pk__lte=last)
    while some := list(ours.order_by("pk").values_list("pk", flat=True)[:_SWEEP_ROWS]):
        with running.checkpoint():
            Response.objects.filter(pk__in=some).delete()
    RejectedRow.objects.filter(source=source).delete()
    # Whoever has answered elsewhere meanwhile stays known; of the others nothing is kept.
    elsewhere = Entry.objects.filter(person=OuterRef("person")).exclude(batch=source.pk)
    contacts = Contact.objects.filter(
        pk__gte=source.first_contact, pk__lte=source.first_contact + source.rows_total
    ).filter(~Exists(elsewhere), details__isnull=False)
    while some := list(contacts.values_list("pk", flat=True)[:_SWEEP_ROWS]):
        with running.checkpoint():
            Contact.objects.filter(pk__in=some).update(
                email_index=None, customer_index=None, phone_index=None, details=None
            )
    Import.objects.filter(pk=source.pk).update(rows_done=0)
