"""Committing a file of contacts or holds: slice after slice, resumable at any row."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from promontory.errors import BadInput, Broken, Conflict, Refusal
from promontory.jobs import running
from promontory.program.customers import queries, work
from promontory.program.customers.actions.dimensions import (
    NewDimension,
    ensure_codes,
    ensure_dimensions,
)
from promontory.program.customers.actions.importing import fail, forget_cells, locked, may_import
from promontory.program.customers.actions.keeping import SEALED, seal_file
from promontory.program.customers.actions.later import later
from promontory.program.customers.actions.resolving import name_accounts
from promontory.program.customers.actions.writing import Changed, write_keys, write_rows
from promontory.program.customers.codes import ImportStatus
from promontory.program.customers.models import Contact, ContactImport
from promontory.program.customers.rules.mapping import Mapping
from promontory.program.customers.rules.merging import Terms
from promontory.program.customers.rules.packing import Plan, Slice
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.models import Person
from promontory.program.offload import child
from promontory.program.organization.access import SYSTEM, Viewer
from promontory.program.organization.actions import audit

SLICE_SECONDS = 0.040
"""What a transaction of an import aims at; others wait for the writer no longer than that."""
_MOST_ROWS = 4_096
_ATTEMPTS = 8
_JOURNAL_PAGES = 64_000
_CACHE_KB = 131_072


@transaction.atomic
def start_commit(source: ContactImport, *, by: Viewer, at: datetime) -> ContactImport:
    """Have a previewed file committed in the background."""
    may_import(by)
    held = locked(source.pk)
    if held.status != ImportStatus.PREVIEWED:
        raise Conflict(
            f"This import is {held.status}, not previewed.",
            remedy="Declare its columns and wait for the preview first.",
        )
    if not held.preview["counts"].get("good"):
        raise BadInput(
            "Not one row of this file can be taken.",
            remedy="See the reasons in the preview, and declare the columns otherwise.",
        )
    _settle_plan(held, at=at)
    held.status = ImportStatus.COMMITTING
    held.job = later("commit_contacts", at=at, import_id=held.pk)
    held.save()
    audit("commit", held, by=by, at=at, detail={"rows": held.rows_total})
    return held


def _settle_plan(source: ContactImport, *, at: datetime) -> None:
    """Fix everything that decides what a row becomes, so that a resumed import goes on alike."""
    mapping = Mapping.from_json(source.mapping)
    crowded = {n for n, a in source.preview["attributes"].items() if a["crowded"]}
    kept = [column for column in mapping.attributes if column.name not in crowded]
    dimensions = ensure_dimensions(
        {c.dimension: NewDimension(c.label, is_declared=c.role == "declared") for c in kept}, at=at
    )
    [keeper, file_keeper] = ledger.create_people(2)
    rows = source.rows_total + 1
    source.first_person = ledger.reserve_ids(Person, rows) - 1
    source.first_contact = ledger.reserve_ids(Contact, rows) - 1
    source.keeper, source.file_keeper = keeper.id, file_keeper.id
    source.plan = {
        "at": at.isoformat(),
        "dimensions": [dimensions[c.dimension].pk if c in kept else 0 for c in mapping.attributes],
    }


def commit(import_id: int, *, at: datetime) -> ContactImport:
    """Write the rows of an import that are not written yet, then close it.

    May be killed at any moment and called again; called once more after the end, does nothing.
    """
    for attempt in range(_ATTEMPTS):
        source = ContactImport.objects.get(pk=import_id)
        if source.status != ImportStatus.COMMITTING:
            _drop_plain_file(source)
            return source
        try:
            _write_rest(source)
            return _close(import_id, at=at)
        except (IntegrityError, Conflict, Changed):
            # Somebody made or changed one of these contacts meanwhile: look again.
            if attempt == _ATTEMPTS - 1:
                raise
        except _Stopped:
            continue
        except Refusal as refusal:
            return fail(import_id, str(refusal), ImportStatus.COMMITTING)
    raise Broken(f"Import {import_id} of contacts could not be written.")


class _Stopped(Exception):
    """Somebody else has taken the import further, or ended it."""


def _write_rest(source: ContactImport) -> None:
    plan = _plan(source)
    keeper = source.keeper or 0
    request = work.CommitRequest(
        path=str(settings.HOME.uploads / source.stored_as),
        file_name=source.file_name,
        mapping=Mapping.from_json(source.mapping),
        plan=plan,
        source=source.pk,
        sha256=source.sha256,
        keeper_key=ledger.keys_of([keeper])[keeper],
        rows_done=source.rows_done,
    )
    writer = _Writer(source)
    answers: dict[str, Callable[..., Any]] = {
        "people": queries.standing,
        "who": queries.who,
        "accounts": lambda names: name_accounts(names, at=plan.terms.at),
        "codes": ensure_codes,
    }
    with _room_for_many_rows(), _no_search_for_cycles(), child(work.commit, request) as worker:
        for kind, value in worker.messages(answers, before_answer=writer.flush):
            if kind == "slice":
                writer.add(value)
    writer.flush()


def _plan(source: ContactImport) -> Plan:
    mapping, settled = Mapping.from_json(source.mapping), source.plan
    return Plan(
        by=f"import:{source.pk}",
        terms=Terms(
            at=datetime.fromisoformat(settled["at"]),
            source="import",
            basis=mapping.basis,
            reopens=mapping.reopens,
        ),
        dimensions=tuple(settled["dimensions"]),
        first_contact=source.first_contact or 0,
        first_person=source.first_person or 0,
        index_key=settings.INDEX_KEY,
        master_key=settings.MASTER_KEY,
    )


@contextmanager
def _room_for_many_rows() -> Iterator[None]:
    """On SQLite, hold the indexes in memory and copy the journal into the database rarely."""
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
    """Pause the collector: millions of tuples come and go, and not one is part of a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Writer:
    """Collects slices and writes as many at a time as fit into one short transaction."""

    def __init__(self, source: ContactImport) -> None:
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
        with running.checkpoint():
            held = locked(self._import)
            if held.status != ImportStatus.COMMITTING or held.rows_done != self._done:
                raise _Stopped
            write_keys(self._waiting)
            with connection.cursor() as cursor:
                placed = write_rows(self._waiting, cursor=cursor)
            for made in self._waiting:
                for what, count in made.counts.items():
                    held.report[what] = held.report.get(what, 0) + count
            if placed:
                held.report["placed"] = held.report.get("placed", 0) + placed
            held.rows_done = self._waiting[-1].last_row
            held.save(update_fields=["rows_done", "report"])
        seconds = (time.thread_time() - started) / self._rows
        self._seconds_a_row = 0.7 * self._seconds_a_row + 0.3 * seconds
        self._done = self._waiting[-1].last_row
        self._waiting, self._rows = [], 0
        if time.monotonic() - self._said > 0.5:
            self._said = time.monotonic()
            gc.collect(1)
            running.progress(self._done, self._total, "writing rows")


def _close(import_id: int, *, at: datetime) -> ContactImport:
    """Seal the file under its own key, then say that the import is done."""
    source = ContactImport.objects.get(pk=import_id)
    keeper = source.file_keeper or 0
    plain = settings.HOME.uploads / source.stored_as
    sealed = seal_file(plain, ledger.keys_of([keeper])[keeper])
    with transaction.atomic():
        held = locked(import_id)
        if held.status == ImportStatus.COMMITTING:
            held.status, held.finished_at, held.stored_as = ImportStatus.DONE, at, sealed
            forget_cells(held)
            held.save()
            said = {k: v for k, v in held.report.items() if not k.startswith("reason: ")}
            audit("bring in", held, by=SYSTEM, at=at, detail=said)
    _drop_plain_file(held)
    return held


def _drop_plain_file(source: ContactImport) -> None:
    """Delete the file as it was uploaded: what is kept of it is sealed."""
    if source.stored_as.endswith(SEALED):
        (settings.HOME.uploads / source.stored_as.removesuffix(SEALED)).unlink(missing_ok=True)
