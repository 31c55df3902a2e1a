"""What can be asked of the ledger. Rows come in position order, a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections

from promontory.program.ledger import anchors
from promontory.program.ledger.models import DayEnd, Head, Installation, Pending, Seal
from promontory.program.ledger.rules import EntryRow, Kind, genesis

CHUNK = 5_000
_CLOSED = int(Kind.IMPORT_CLOSED)


def columns(using: str) -> str:
    """Return the columns of an entry as SQL, in the order of EntryRow after its position."""
    # The plus hides the declared type from SQLite's driver, which would parse every instant anew.
    at = "+e.at" if connections[using].vendor == "sqlite" else "e.at"
    return (
        f"e.id, e.kind, e.subject, e.batch, e.person, {at}, e.local_day, e.kept, e.salt, "
        'e.personal, e."by"'
    )


def _sealed(using: str) -> str:
    return (
        f"SELECT s.position, {columns(using)} FROM ledger_seal s "
        "JOIN ledger_entry e ON e.id = s.entry_id"
    )


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last position of the chain and its hash; position 0 is the empty ledger."""

    position: int
    hash: bytes


def head(*, using: str = "default") -> ChainHead:
    """Return where the chain stands."""
    last = Seal.objects.using(using).order_by("-position").values_list("position", "hash").first()
    if last:
        return ChainHead(last[0], bytes(last[1]))
    installation = Installation.objects.using(using).filter(pk=1).first()
    if installation is None:
        return ChainHead(0, b"")
    return ChainHead(0, genesis(installation.uuid, installation.zone))


def pending_count(*, using: str = "default") -> int:
    """Return how many entries wait for the sealer; 0 on SQLite, where none ever does."""
    return Pending.objects.using(using).count()


def position_of(entry_id: int, *, using: str = "default") -> int | None:
    """Return the position of an entry, or None while it is not sealed."""
    found = Seal.objects.using(using).filter(entry_id=entry_id).values_list("position", flat=True)
    return found.first()


def position_at_day_end(day: int, *, using: str = "default") -> int:
    """Return the last position of a local day (days since 1970-01-01); 0 before the first entry."""
    ends = DayEnd.objects.using(using).filter(day__lte=day).order_by("-day")
    return ends.values_list("position", flat=True).first() or 0


def latest_anchor(*, using: str = "default") -> anchors.Anchor | None:
    """Return the last signed head, as the document that may be sent out."""
    signed = Head.objects.using(using).order_by("-id").first()
    return None if signed is None else anchor_of(signed, using=using)


def anchor_of(signed: Head, *, using: str = "default") -> anchors.Anchor:
    """Return a stored head as an anchor."""
    installation = Installation.objects.using(using).get(pk=1)
    return anchors.Anchor(
        installation=str(installation.uuid),
        position=signed.position,
        hash=bytes(signed.hash).hex(),
        at=signed.at.astimezone(UTC).isoformat(),
        public_key=bytes(signed.public_key).hex(),
        signature=bytes(signed.signature).hex(),
    )


def heads_file() -> Path:
    """Return the file to which every signed head is added."""
    return Path(settings.HOME.anchors) / "heads.jsonl"


def entries_of_subject(subject: int, *, using: str = "default") -> list[EntryRow]:
    """Return the history of one subject, oldest first; entries not yet sealed come last."""
    sql = (
        f"SELECT coalesce(s.position, 0), {columns(using)} FROM ledger_entry e "
        "LEFT JOIN ledger_seal s ON s.entry_id = e.id WHERE e.subject = %s "
        "ORDER BY s.position IS NULL, s.position, e.id"
    )
    return list(_rows(sql, [subject], using))


def entries_between(
    after: int, upto: int, *, size: int = CHUNK, using: str = "default"
) -> Iterator[EntryRow]:
    """Yield the sealed entries with after < position ≤ upto, in order."""
    for low in range(after, upto, size):
        yield from _rows(
            f"{_sealed(using)} WHERE s.position > %s AND s.position <= %s ORDER BY s.position",
            [low, min(low + size, upto)],
            using,
        )


class Kept(NamedTuple):
    """What an entry keeps, and the position from which it counts."""

    position: int
    id: int
    kind: int
    subject: int | None
    kept: str


def visible_entries(
    after: int, upto: int, *, size: int = CHUNK, using: str = "default"
) -> Iterator[list[Kept]]:
    """Yield the entries that become visible with after < position ≤ upto, in that order, in parts.

    An import's entries come together, in the order of their ids, just before the entry that closes
    it, and carry its position; those of an import that is not closed do not come.
    """
    for low in range(after, upto, size):
        # Entries of imports are skipped by the engine: a million of them cost no million rows.
        found = _fetched(
            "SELECT s.position, e.id, e.kind, e.subject, e.kept, e.batch FROM ledger_seal s "
            "JOIN ledger_entry e ON e.id = s.entry_id WHERE s.position > %s AND s.position <= %s "
            f"AND (e.batch IS NULL OR e.kind = {_CLOSED}) ORDER BY s.position",
            [low, min(low + size, upto)],
            using,
        )
        part: list[Kept] = []
        for *words, batch in found:
            entry = Kept._make(words)
            if entry.kind == _CLOSED and batch is not None:
                yield part
                yield from _import(batch, entry.position, size=size, using=using)
                part = []
            part.append(entry)
        yield part


def _import(batch: int, closed: int, *, size: int, using: str) -> Iterator[list[Kept]]:
    last = 0
    while True:
        rows = _fetched(
            "SELECT e.id, e.kind, e.subject, e.kept FROM ledger_entry e "
            "JOIN ledger_seal s ON s.entry_id = e.id WHERE e.batch = %s AND e.id > %s "
            f"AND s.position < %s AND e.kind <> {_CLOSED} ORDER BY e.id LIMIT {size:d}",
            [batch, last, closed],
            using,
        )
        yield [Kept(closed, *row) for row in rows]
        if len(rows) < size:
            return
        last = rows[-1][0]


def _fetched(sql: str, parameters: list[Any], using: str) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _rows(sql: str, parameters: list[Any], using: str) -> Iterator[EntryRow]:
    instant = Instants()
    with connections[using].cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                yield EntryRow._make((*row[:6], instant(row[6]), *row[7:]))


class Instants:
    """Reads instants as the engines give them, PostgreSQL as datetime, SQLite as text in UTC.

    Consecutive rows often share one, which is then read once.
    """

    def __init__(self) -> None:
        self._known: object = None
        self._instant = datetime.min.replace(tzinfo=UTC)

    def __call__(self, value: Any) -> datetime:
        if value != self._known:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
            instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
            self._known, self._instant = value, instant
        return self._instant
