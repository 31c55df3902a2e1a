"""Recomputing everything the ledger claims, row by row, and naming every row that was touched.

Each link of the chain is checked against the stored hash before it, so one altered row is named
alone and the rows after it are still told apart. Whoever rewrites the whole chain is found by a
signed head, above all by an anchor kept elsewhere; without one the chain is only consistent with
itself, and that is all the verdict says.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connections

from promontory.program.ledger import anchors, checks, queries
from promontory.program.ledger.checks import Problem
from promontory.program.ledger.models import DayEnd, Installation, Seal
from promontory.program.ledger.rules import EntryRow, day_of, digest, genesis, link, microseconds

_LISTED = 10_000
_CHUNK = 5_000
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Verdict:
    """What a verification found.

    position: the last position checked · problems: the first of them (all, up to ten thousand) ·
    found: how many there were · anchor: the outside anchor the chain was held against, if any.
    """

    position: int
    entries: int = 0
    anchor: anchors.Anchor | None = None
    problems: list[Problem] = field(default_factory=list)
    found: int = 0

    @property
    def is_sound(self) -> bool:
        return self.found == 0

    def sentence(self) -> str:
        """Return the verdict in words, claiming no more than was checked."""
        if self.found:
            noun = "problem" if self.found == 1 else "problems"
            return f"The ledger has been altered: {self.found} {noun}. First: {self.problems[0]}."
        if self.anchor is None:
            return f"The ledger is internally consistent up to position {self.position}."
        return (
            f"The ledger is unaltered up to position {self.anchor.position}, as the anchor signed "
            f"on {self.anchor.at} says, and internally consistent up to position {self.position}."
        )

    def add(self, problem: Problem) -> None:
        """Take note of a problem."""
        self.found += 1
        if len(self.problems) < _LISTED:
            self.problems.append(problem)


def verify(
    anchor: str | Mapping[str, object] | anchors.Anchor | None = None,
    *,
    progress: Progress | None = None,
    using: str = "default",
) -> Verdict:
    """Recompute the whole ledger and return the verdict; changes nothing and locks nobody out."""
    if anchor is not None and not isinstance(anchor, anchors.Anchor):
        anchor = anchors.parse(anchor)
    last = queries.head(using=using).position
    verdict = Verdict(position=last, anchor=anchor)
    installation = Installation.objects.using(using).filter(pk=1).first()
    if installation is not None:
        heads = checks.SignedHeads(installation, anchor, last, using=using)
        walk = _Walk(installation, heads, verdict)
        for rows in _chunks(last, using):
            entries, doubtful = walk.over(rows)
            for problem in checks.of_owners(doubtful, using=using):
                verdict.add(problem)
            for problem in checks.of_chunk(entries, using=using):
                verdict.add(problem)
            if progress is not None:
                progress(walk.position, last)
        walk.finish(last)
        for problem in _day_ends(walk.day_ends, last, using):
            verdict.add(problem)
        for problem in heads.left():
            verdict.add(problem)
    elif anchor is not None:
        verdict.add(Problem("missing", "ledger_installation", None, 0, "the ledger is empty"))
    for problem in checks.of_whole(last, using=using):
        verdict.add(problem)
    return verdict


class _Walk:
    """The chain from its start, one run of rows at a time."""

    def __init__(
        self, installation: Installation, heads: checks.SignedHeads, verdict: Verdict
    ) -> None:
        self.position = 0
        self.day_ends: dict[int, int] = {}
        self._previous: bytes | None = genesis(installation.uuid, installation.zone)
        self._zone = ZoneInfo(installation.zone)
        self._latest_day = -(2**31)
        self._instant = queries.Instants()
        self._at: datetime | None = None
        self._at_us = 0
        self._heads = heads
        self._verdict = verdict

    def over(self, rows: Sequence[tuple[Any, ...]]) -> tuple[list[EntryRow], list[EntryRow]]:
        """Check a run of rows; return their entries, and those whose owner is in doubt."""
        entries, doubtful = [], []
        for position, entry_id, stored, cluster, erased_at, *columns in rows:
            if position != self.position + 1:
                self._skip_to(position)
            self.position = position
            stored = b"" if isinstance(stored, str) else bytes(stored)
            if columns[0] is None:
                self._add("missing", entry_id, "its seal is there and the entry is not")
            elif (entry := self._read(position, columns)) is None:
                self._add("altered", entry_id, "a value is not of its column's kind")
            else:
                found = _digest(entry, self._at_us)
                if found is None or (
                    self._previous is not None and link(self._previous, found) != stored
                ):
                    self._add("altered", entry_id, "the entry, or its seal, is not what was sealed")
                self.day_ends[self._latest_day] = position
                if found is not None:
                    entries.append(entry)
                    if not checks.is_owned(entry, cluster, erased_at):
                        doubtful.append(entry)
            self._previous = stored
            for problem in self._heads.check(position, stored):
                self._verdict.add(problem)
        self._verdict.entries += len(entries)
        return entries, doubtful

    def finish(self, last: int) -> None:
        """Take note of seals that are missing at the end."""
        if self.position != last:
            self._skip_to(last + 1)

    def _skip_to(self, position: int) -> None:
        first, end = self.position + 1, position - 1
        what = f"positions {first} to {end}" if end > first else f"position {first}"
        self._verdict.add(Problem("missing", "ledger_seal", None, first, f"no seal for {what}"))
        self._previous = None  # the next row cannot be held against a hash that is not there

    def _read(self, position: int, columns: Sequence[Any]) -> EntryRow | None:
        try:
            at = self._instant(columns[5])
        except (TypeError, ValueError):
            return None
        if at is not self._at:
            self._at, self._at_us = at, microseconds(at)
            self._latest_day = max(self._latest_day, day_of(at, self._zone))
        return EntryRow._make((position, *columns[:5], at, *columns[6:]))

    def _add(self, what: str, entry_id: int, detail: str) -> None:
        self._verdict.add(Problem(what, "ledger_entry", entry_id, self.position, detail))


def _chunks(last: int, using: str) -> Iterator[list[tuple[Any, ...]]]:
    for low in range(0, last, _CHUNK):
        high = min(low + _CHUNK, last)
        try:
            rows = _read_rows(low, high, using)
        except (DatabaseError, ValueError):
            # Some row holds what the driver cannot read: bytes in a text column, for example.
            rows = [row for at in range(low, high) for row in _read_one(at + 1, using)]
        if rows:
            yield rows


def _read_rows(low: int, high: int, using: str) -> list[tuple[Any, ...]]:
    sql = (
        f"SELECT s.position, s.entry_id, s.hash, p.cluster, p.erased_at, {queries.columns(using)} "
        "FROM ledger_seal s LEFT JOIN ledger_entry e ON e.id = s.entry_id "
        "LEFT JOIN ledger_person p ON p.id = e.person "
        "WHERE s.position > %s AND s.position <= %s ORDER BY s.position"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(sql, [low, high])
        return list(cursor.fetchall())


def _read_one(position: int, using: str) -> list[tuple[Any, ...]]:
    try:
        return _read_rows(position - 1, position, using)
    except (DatabaseError, ValueError):
        seals = Seal.objects.using(using).filter(position=position)
        unread = [None] * 10
        return [
            (position, entry, hash, None, None, entry, *unread)
            for entry, hash in seals.values_list("entry_id", "hash")
        ]


def _digest(entry: EntryRow, at_us: int) -> bytes | None:
    try:
        return digest(
            entry.id,
            entry.kind,
            entry.subject,
            entry.batch,
            at_us,
            entry.local_day,
            entry.kept,
            entry.salt,
            entry.personal,
            entry.by,
        )
    except (TypeError, ValueError, AttributeError, struct.error):
        return None  # a value that could not have been sealed


def _day_ends(computed: Mapping[int, int], last: int, using: str) -> Iterator[Problem]:
    stored = dict(DayEnd.objects.using(using).values_list("day", "position"))
    for day in sorted(computed.keys() | stored.keys()):
        says, is_so = stored.get(day), computed.get(day)
        # Entries sealed since we began move the present day's end on.
        if says != is_so and not (says is not None and says > last):
            detail = f"day {day} ends at {says}, by the entries at {is_so}"
            yield Problem("altered", "ledger_dayend", day, is_so or 0, detail)
