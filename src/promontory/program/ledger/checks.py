"""What is checked beside the chain: signed heads, commitments, whose entry it is, projections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from promontory.errors import BadInput
from promontory.program.ledger import anchors, hooks, queries, vault
from promontory.program.ledger.actions.people import keys_of
from promontory.program.ledger.models import Entry, Head, Installation, Person
from promontory.program.ledger.rules import EntryRow, cluster_of

_AT_ONCE = 900


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was written.

    what: altered · missing · extra · rewritten (a signed head is contradicted) · truncated ·
    forged (a signature is not genuine) · table and id: the row · position: where in the chain.
    """

    what: str
    table: str
    id: int | None
    position: int
    detail: str

    def __str__(self) -> str:
        row = self.table if self.id is None else f"{self.table} {self.id}"
        where = f" at position {self.position}" if self.position else ""
        return f"{row}{where} {self.what}: {self.detail}"


class SignedHeads:
    """The heads that were signed, each held against the chain when the walk comes to it."""

    def __init__(
        self, installation: Installation, anchor: anchors.Anchor | None, last: int, *, using: str
    ) -> None:
        self._installation = installation
        self._last = last
        self._problems: list[Problem] = []
        self._at: dict[int, list[tuple[str, int | None, anchors.Anchor]]] = {}
        for head in Head.objects.using(using).order_by("id").iterator():
            try:
                self._take("ledger_head", head.pk, queries.anchor_of(head, using=using))
            except (TypeError, ValueError):
                detail = "its values cannot be read"
                self._problems.append(Problem("forged", "ledger_head", head.pk, 0, detail))
        for number, line in enumerate(anchors.lines(queries.heads_file()), 1):
            try:
                self._take("heads.jsonl", number, anchors.parse(line))
            except BadInput:
                continue  # half a line, from before a power cut
        if anchor is not None:
            self._take("anchor", None, anchor)

    def check(self, position: int, hash: bytes) -> Iterator[Problem]:
        """Yield what the heads signed at this position have against the chain's hash there."""
        for table, id, anchor in self._at.pop(position, ()):
            if anchor.hash != hash.hex():
                detail = f"the chain up to here is not the one signed on {anchor.at}"
                yield Problem("rewritten", table, id, position, detail)

    def left(self) -> Iterator[Problem]:
        """Yield what is wrong with the heads themselves, and those the chain does not reach."""
        yield from self._problems
        for position, waiting in sorted(self._at.items()):
            for table, id, anchor in waiting:
                detail = f"signed on {anchor.at}, but the ledger ends at position {self._last}"
                yield Problem("truncated", table, id, position, detail)

    def _take(self, table: str, id: int | None, anchor: anchors.Anchor) -> None:
        wrong = ""
        if not anchor.is_genuine():
            wrong = "its signature is not genuine"
        elif anchor.installation != str(self._installation.uuid):
            wrong = f"it is of another installation, {anchor.installation}"
        elif anchor.public_key != anchors.public_key(settings.SIGNING_KEY).hex():
            wrong = "it was signed with another key than this installation's"
        if wrong:
            self._problems.append(Problem("forged", table, id, anchor.position, wrong))
        else:
            self._at.setdefault(anchor.position, []).append((table, id, anchor))


def of_chunk(entries: Sequence[EntryRow], *, using: str) -> Iterator[Problem]:
    """Yield what is wrong with a run of entries apart from their digests and their owners."""
    yield from _commitments(entries, using)
    for projection in hooks.projections.values():
        for wrong in projection.check(entries):
            yield _mismatch(wrong)


def of_whole(last: int, *, using: str) -> Iterator[Problem]:
    """Yield what only the whole of the tables shows: rows that nothing accounts for."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM ledger_entry e WHERE NOT EXISTS "
            "(SELECT 1 FROM ledger_seal s WHERE s.entry_id = e.id) AND NOT EXISTS "
            "(SELECT 1 FROM ledger_pending p WHERE p.entry_id = e.id) ORDER BY e.id"
        )
        while rows := cursor.fetchmany(queries.CHUNK):
            for (id,) in rows:
                yield Problem("extra", "ledger_entry", id, 0, "neither sealed nor pending")
        cursor.execute(
            "SELECT p.entry_id FROM ledger_pending p WHERE NOT EXISTS "
            "(SELECT 1 FROM ledger_entry e WHERE e.id = p.entry_id) ORDER BY p.entry_id"
        )
        for (id,) in cursor.fetchall():
            yield Problem("missing", "ledger_entry", id, 0, "pending, and the entry is not there")
    for projection in hooks.projections.values():
        for wrong in projection.unaccounted(last):
            yield _mismatch(wrong)


def _mismatch(wrong: hooks.Mismatch) -> Problem:
    detail = f"{wrong.field} is {wrong.stored!r}, in the ledger {wrong.ledger!r}"
    return Problem("altered", wrong.table, wrong.id, 0, detail)


def is_owned(entry: EntryRow, cluster: int | None, erased_at: object) -> bool:
    """Say whether the person an entry points to is plainly the one whose cluster it keeps."""
    kept = cluster_of(entry.kept)
    return not kept or (kept == cluster and erased_at is None)


def of_owners(entries: Sequence[EntryRow], *, using: str) -> Iterator[Problem]:
    """Yield which of these entries point to another person than the one whose cluster they keep.

    The person column is in no digest, for an erasure empties it; the cluster beside it is.
    """
    clusters = {entry.id: cluster_of(entry.kept) for entry in entries}
    people = Person.objects.using(using)
    owners: dict[int, tuple[int, bool]] = {}
    for some in _slices(sorted(set(clusters.values()))):
        rows = people.filter(cluster__in=some).values_list("cluster", "pk", "erased_at")
        owners |= {cluster: (id, erased_at is not None) for cluster, id, erased_at in rows}
    for entry in entries:
        owner, is_erased = owners.get(clusters[entry.id], (None, False))
        person = entry.person
        if is_erased and person == owner:  # perhaps erased since we read the entry
            stored = Entry.objects.using(using).filter(pk=entry.id)
            person = stored.values_list("person", flat=True).first()
        if person != (None if is_erased else owner):
            detail = f"it points to person {person}, its cluster is of {owner}"
            yield Problem("altered", "ledger_entry", entry.id, entry.position, detail)


def _commitments(entries: Sequence[EntryRow], using: str) -> Iterator[Problem]:
    """Hold personal values against their commitments, of people who have not been erased."""
    if not len(hooks.personal_values):
        return
    by_id = {entry.id: entry for entry in entries if entry.personal and entry.person}
    values: dict[int, bytes] = {}
    for source in hooks.personal_values.values():
        values |= source(list(by_id.values()))
    # In this order: what an erasure blanked before we read it is erased when we look.
    wanted = {by_id[id].person for id in values}
    present: set[int] = set()
    for some in _slices(sorted(id for id in wanted if id is not None)):
        alive = Person.objects.using(using).filter(pk__in=some, erased_at=None)
        present |= set(alive.values_list("pk", flat=True))
    keys = keys_of(present)
    for id, value in values.items():
        entry = by_id[id]
        if entry.person not in present:
            continue
        key = keys.get(entry.person)
        if key is None:
            detail = f"the key of person {entry.person} is not in the keys database"
            yield Problem("missing", "ledger_personkey", entry.person, entry.position, detail)
        elif vault.commitment(key, value) != entry.personal:
            detail = "the personal values are not those committed to"
            yield Problem("altered", "ledger_entry", id, entry.position, detail)


def _slices(values: Sequence[int]) -> list[Sequence[int]]:
    return [values[low : low + _AT_ONCE] for low in range(0, len(values), _AT_ONCE)]
