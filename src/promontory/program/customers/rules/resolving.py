"""Who each row is: somebody new, a contact we know, an earlier row's person, or two at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.customers.rules.reasons import Reason
from promontory.program.customers.rules.rows import Row, State
from promontory.program.customers.rules.seen import Seen

Indexes = tuple[bytes | None, ...]


class Ask(Protocol):
    """What the owner of the database answers."""

    def people(
        self, indexes: Mapping[str, Sequence[bytes]]
    ) -> tuple[dict[str, dict[bytes, int]], dict[int, State]]:
        """Contact behind each blind index by kind, and how each of them stands."""

    def accounts(self, names: Mapping[str, str]) -> dict[str, int]:
        """Account key → id, made where absent; names by key, "" where none is said."""

    def codes(self, dimension: int, labels: Sequence[str]) -> dict[str, int]:
        """Label → code of a dimension, made where absent."""


@dataclass(slots=True)
class Resolved:
    """Who a row is.

    `state` is the contact as it stands, None for somebody new. `again` is the earlier row of the
    same person, whose further account this row names. `reasons` say why it is nobody we can take.
    """

    row: Row
    indexes: Indexes
    state: State | None = None
    again: int = 0
    reasons: list[Reason] = field(default_factory=list)


class Resolver:
    """Resolves batch after batch of one file; what it has seen, it remembers.

    With `only`, its one row is about that contact, whatever identifiers it names.
    """

    def __init__(self, ask: Ask, index_key: bytes, *, only: int | None = None) -> None:
        self._ask = ask
        self._only = only
        self._key = index_key
        self._seen = {kind: Seen() for kind in IDENTIFIERS}

    def resolve(self, rows: Sequence[Row]) -> list[Resolved]:
        """Return who each row is."""
        resolved = [Resolved(row, self.indexes(row)) for row in rows]
        wanted = {
            kind: [r.indexes[place] for r in resolved] for place, kind in enumerate(IDENTIFIERS)
        }
        earlier = {kind: self._seen[kind].rows_of(indexes) for kind, indexes in wanted.items()}
        found, states = self._ask.people(
            {kind: sorted({i for i in each if i is not None}) for kind, each in wanted.items()}
        )
        here: dict[tuple[int, bytes], int] = {}
        for place, one in enumerate(resolved):
            before = [
                earlier[kind][place] or (0 if index is None else here.get((at, index), 0))
                for at, (kind, index) in enumerate(zip(IDENTIFIERS, one.indexes, strict=True))
            ]
            contacts = [
                None if index is None else found[kind].get(index)
                for kind, index in zip(IDENTIFIERS, one.indexes, strict=True)
            ]
            self._judge(one, before, contacts, states)
            if not one.reasons and not one.again:
                for at, index in enumerate(one.indexes):
                    if index is not None:
                        here[at, index] = one.row.number
        taken = [one for one in resolved if not one.reasons and not one.again]
        self._remember(taken)
        return resolved

    def skip(self, rows: Sequence[Row]) -> None:
        """Remember rows that were dealt with before this process began."""
        self._remember([Resolved(row, self.indexes(row)) for row in rows])

    def indexes(self, row: Row) -> Indexes:
        """Return the row's blind indexes, the most telling first."""
        return tuple(
            blind_index(kind, value, self._key) if value else None
            for kind, value in zip(IDENTIFIERS, row.identifiers(), strict=True)
        )

    def _remember(self, resolved: Sequence[Resolved]) -> None:
        numbers = [one.row.number for one in resolved]
        for place, kind in enumerate(IDENTIFIERS):
            self._seen[kind].add([one.indexes[place] for one in resolved], numbers)

    def _judge(
        self,
        one: Resolved,
        before: Sequence[int],
        contacts: Sequence[int | None],
        states: Mapping[int, State],
    ) -> None:
        if any(before):
            first = next((b for b, i in zip(before, one.indexes, strict=True) if i is not None), 0)
            others = {row for row in before if row}
            if others != {first}:
                one.reasons.append(Reason("shared", raw=f"row {min(others):,}"))
                return
            one.again = first
            if not one.row.account:
                one.reasons.append(Reason("same-person", raw=f"row {first:,}"))
                return
        who = sorted({contact for contact in (*contacts, self._only) if contact is not None})
        if len(who) > 1:
            said = " and ".join(str(contact) for contact in who)
            one.reasons.append(Reason("conflict", raw=f"contacts {said}"))
            return
        if who:
            one.state = states.get(who[0])
            if one.state is None:
                one.reasons.append(Reason("unknown-who"))
            elif self._only is None:
                self._refuse_what_belongs_to_another(one, contacts)

    def _refuse_what_belongs_to_another(
        self, one: Resolved, contacts: Sequence[int | None]
    ) -> None:
        """Refuse a row known only by its telephone when its number or e-mail says somebody else."""
        state = one.state
        assert state is not None, "asked of a known contact"
        for place, contact in enumerate(contacts):
            if contact is not None:
                return
            given, has = one.indexes[place], state.indexes[place]
            if given is not None and has is not None and given != has:
                known_by = next(k for k, c in zip(IDENTIFIERS, contacts, strict=True) if c)
                raw = getattr(one.row, known_by) or ""
                one.reasons.append(Reason("taken", known_by, f"{raw} (contact {state.contact})"))
                return
