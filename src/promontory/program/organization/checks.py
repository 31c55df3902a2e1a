"""The audit held against the ledger: each line must say what its sealed entry says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Exists, OuterRef

from promontory.program.ledger.hooks import Mismatch
from promontory.program.ledger.models import Entry
from promontory.program.ledger.rules import EntryRow, Kind
from promontory.program.organization.models import AuditEntry

_TABLE = AuditEntry._meta.db_table
_AT_ONCE = 500


def check(entries: Sequence[EntryRow]) -> Iterator[Mismatch]:
    """Yield the audit lines that say something else than the ledger, or are missing."""
    audited = [entry for entry in entries if entry.kind == Kind.AUDIT]
    for start in range(0, len(audited), _AT_ONCE):
        some = audited[start : start + _AT_ONCE]
        found = AuditEntry.objects.filter(entry__in=[entry.id for entry in some])
        lines = {line.entry: line for line in found}
        for entry in some:
            line = lines.get(entry.id)
            if line is None:
                yield Mismatch(_TABLE, entry.id, "row", "missing", "there")
                continue
            words = entry.values()
            wanted = {
                "by": (line.by, entry.by),
                "at": (line.at, entry.at),
                "verb": (line.verb, words["verb"]),
                "object_type": (line.object_type, words["type"]),
                "object_id": (line.object_id, words["id"]),
                "detail": (line.detail, words["detail"]),
            }
            for field, (stored, kept) in wanted.items():
                if stored != kept:
                    yield Mismatch(_TABLE, line.pk, field, stored, kept)


def unaccounted(upto: int) -> Iterator[Mismatch]:
    """Yield the audit lines that no entry of the ledger speaks of."""
    entry = Entry.objects.filter(pk=OuterRef("entry"), kind=Kind.AUDIT)
    for line in AuditEntry.objects.filter(~Exists(entry)).iterator():
        yield Mismatch(_TABLE, line.pk, "row", "there", "no entry")
