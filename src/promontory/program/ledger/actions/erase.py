"""Erasing a person: first the tables, in one transaction; then a line in a file; then the key.

Whatever a crash leaves undone, and whatever an old backup brings back, `replay_erasures` undoes.
It is run at every start and after every restore, and may be run at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import connections, transaction

from promontory.errors import NotFound
from promontory.program.ledger import anchors, hooks
from promontory.program.ledger.actions.append import append
from promontory.program.ledger.models import Entry, Person, PersonKey
from promontory.program.ledger.routing import KEYS
from promontory.program.ledger.rules import Kind, NewEntry, canonical, utc

_AT_ONCE = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found undone, and did."""

    erased_again: int = 0
    lines_added: int = 0
    keys_deleted: int = 0
    entries_unlinked: int = 0

    def __bool__(self) -> bool:
        return bool(
            self.erased_again or self.lines_added or self.keys_deleted or self.entries_unlinked
        )


def erase(person_id: int, *, by: str, at: datetime, using: str = "default") -> None:
    """Erase a person for ever; what their answers counted for stays. Again, it changes nothing.

    Every context's eraser runs in the same transaction as the ERASURE entry. The key, and with it
    whatever is encrypted or committed to under it in any backup, goes once that has committed.
    """
    at = utc(at)
    with transaction.atomic(using=using):
        _overwrite_what_is_deleted(using)
        people = Person.objects.using(using).select_for_update()
        person = people.filter(pk=person_id).first()
        if person is None:
            raise NotFound(f"There is no person {person_id}.")
        is_new = person.erased_at is None
        if is_new:
            for eraser in hooks.erasers.values():
                eraser(person_id, by=by, at=at)
            entries = Entry.objects.using(using).filter(person=person_id).update(person=None)
            kept = {"p": person.cluster, "entries": entries}
            append([NewEntry(kind=Kind.ERASURE, by=by, kept=kept)], at=at, using=using)
            person.erased_at = at
            person.save(using=using, update_fields=["erased_at"])
        transaction.on_commit(partial(_finish, person, using, is_new=is_new), using=using)


def replay_erasures(*, at: datetime, by: str = "system", using: str = "default") -> Replay:
    """Complete every erasure that was begun here or is on file, and say what had to be done."""
    logged = _logged()
    people = Person.objects.using(using)
    revived = []
    for some in _slices(logged.items()):
        # By id and cluster: after a restore a number may have been given to somebody else.
        clusters = dict(some)
        found = people.filter(pk__in=clusters.values(), erased_at=None)
        revived += [p.pk for p in found if clusters.get(p.cluster) == p.pk]
    for person_id in revived:
        erase(person_id, by=by, at=at, using=using)

    lines = keys = entries = 0
    erased = people.exclude(erased_at=None).values_list("pk", "cluster", "erased_at")
    for batch in _slices(erased.iterator(chunk_size=_AT_ONCE)):
        for person_id, cluster, erased_at in batch:
            if cluster not in logged and person_id not in revived:
                anchors.append_line(_log(), _line(person_id, cluster, erased_at))
                lines += 1
        ids = [person_id for person_id, _, _ in batch]
        keys += _delete_keys(ids)
        stale = Entry.objects.using(using).filter(person__in=ids)
        if stale.exists():
            entries += stale.update(person=None)
    return Replay(len(revived), lines, keys, entries)


def _finish(person: Person, using: str, *, is_new: bool) -> None:
    if is_new or person.cluster not in _logged():
        anchors.append_line(_log(), _line(person.pk, person.cluster, person.erased_at))
    _delete_keys([person.pk])
    if connections[using].vendor == "sqlite":
        _empty_the_journal(using)


def _delete_keys(person_ids: list[int]) -> int:
    keys = PersonKey.objects.filter(person_id__in=person_ids)
    if not keys.exists():
        return 0
    connection = connections[KEYS]
    _overwrite_what_is_deleted(KEYS)
    deleted, _ = keys.delete()
    if connection.in_atomic_block:
        return deleted
    if connection.vendor == "sqlite":
        _empty_the_journal(KEYS)
    else:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ledger_personkey")
    return deleted


def _overwrite_what_is_deleted(alias: str) -> None:
    # Otherwise SQLite leaves deleted bytes on free pages of the file.
    if connections[alias].vendor == "sqlite":
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _empty_the_journal(alias: str) -> None:
    # The write-ahead log still holds the pages as they were.
    if not connections[alias].in_atomic_block:
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _log() -> Path:
    return Path(settings.HOME.root) / "erasures.jsonl"


def _line(person_id: int, cluster: int, erased_at: datetime | None) -> str:
    at = "" if erased_at is None else utc(erased_at).isoformat()
    return canonical({"person": person_id, "cluster": cluster, "at": at})


def _logged() -> dict[int, int]:
    """Return the person ids on file by cluster."""
    found: dict[int, int] = {}
    for line in anchors.lines(_log()):
        try:
            fields = json.loads(line)
            found[int(fields["cluster"])] = int(fields["person"])
        except (ValueError, TypeError, KeyError):
            continue  # half a line, from before a power cut; its erasure is in the tables
    return found


def _slices(items: Iterable[T]) -> Iterable[list[T]]:
    remaining = iter(items)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some
