"""Judged rows made ready to be inserted: ids, keys, ciphertext, ledger entries. Writes nothing.

Whatever has to be looked up is asked of the process that owns the database (`Ask`); the answers
are remembered within bounds, so that memory stays flat however long the file is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.ledger.vault import Sealer, Vault, seal_bytes
from promontory.program.responses.rules.judging import Judged
from promontory.program.responses.rules.kept import compact, source_key
from promontory.program.responses.rules.slices import Ask, Plan, Slice
from promontory.program.responses.rules.tuples import Tuples

REMEMBERED = 120_000
"""How many contacts (with their ciphers) and accounts are remembered before all are forgotten."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a row is: the contact's and person's ids, the cluster, and what encrypts for them."""

    contact: int | None
    person: int
    cluster: int
    sealer: Sealer


class Packer:
    """Packs judged batches into slices; one plan, one file, one pass."""

    def __init__(self, plan: Plan, ask: Ask) -> None:
        self.plan = plan
        self.ask = ask
        self.keeper = Owner(None, plan.keeper, 0, Sealer(plan.keeper_key))
        self.identifiers = [
            kind for kind in IDENTIFIERS if plan.mapping.named(kind) and not plan.is_anonymous
        ]
        self.at_text = plan.at.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")
        self._vault = Vault(plan.master_key)
        self._known: dict[bytes, Owner] = {}
        self._memo: dict[tuple[str, str], bytes | None] = {}
        self._accounts: dict[str, tuple[int, int]] = {}
        self._codes: dict[int, dict[str, int]] = {}

    def pack(self, judged: Judged, *, rows_a_slice: int) -> list[Slice]:
        """Return the batch as slices of at most so many rows."""
        # Every slice sent before a question is committed before its answer, so what is forgotten
        # can always be asked again.
        for memory in (self._known, self._memo, self._accounts):
            if len(memory) > REMEMBERED:
                memory.clear()
        keys = self._source_keys(judged)
        stored = self.ask.stored(keys)
        indexes = self._indexes(judged)
        tuples = Tuples(self, judged, keys, stored, indexes)
        size = len(judged)
        return [
            tuples.slice(start, min(start + rows_a_slice, size))
            for start in range(0, size, rows_a_slice)
        ]

    def _source_keys(self, judged: Judged) -> list[bytes]:
        plan, ids = self.plan, judged.text("id")
        key, survey, sha256 = plan.index_key, plan.survey, plan.sha256
        if ids is None:
            return [source_key(key, survey, "row", sha256, str(row)) for row in judged.rows]
        return [
            source_key(key, survey, "id", given)
            if given is not None
            else source_key(key, survey, "row", sha256, str(row))
            for given, row in zip(ids, judged.rows, strict=True)
        ]

    def _indexes(self, judged: Judged) -> list[tuple[bytes | None, ...]]:
        """Return each row's blind indexes, and have those that are known remembered."""
        columns = []
        memo, key = self._memo, self.plan.index_key
        for kind in self.identifiers:
            values = judged.text(kind) or []
            for value in set(values):
                if value is not None and (kind, value) not in memo:
                    memo[kind, value] = blind_index(kind, value, key)
            column = [None if value is None else memo[kind, value] for value in values]
            fresh = {index for index in column if index is not None} - self._known.keys()
            for index, found in self.ask.contacts(kind, list(fresh)).items():
                contact, person, cluster, wrapped = found
                sealer = Sealer(self._vault.unwrap(person, wrapped))
                self._known[index] = Owner(contact, person, cluster, sealer)
            columns.append(column)
        return list(zip(*columns, strict=True)) if columns else [()] * len(judged)

    def accounts(self, names: list[str | None]) -> list[tuple[int, int] | None]:
        """Return id and cluster of the account on each row."""
        unknown = {name for name in names if name is not None} - self._accounts.keys()
        if unknown:
            self._accounts |= self.ask.accounts(sorted(unknown))
        return [None if name is None else self._accounts[name] for name in names]

    def codes(self, dimension: int, labels: list[str | None]) -> list[int]:
        """Return the code of the dimension on each row, 0 where there is no label."""
        known = self._codes.setdefault(dimension, {})
        unknown = {label for label in labels if label is not None} - known.keys()
        if unknown:
            known |= self.ask.codes(dimension, sorted(unknown))
        return [0 if label is None else known[label] for label in labels]

    def owner(
        self,
        indexes: tuple[bytes | None, ...],
        row: int,
        details: Callable[[], dict[str, str]],
        into: Slice,
    ) -> Owner:
        """Return whose a row is: the person named, made now if never seen, else the keeper."""
        known = self._known
        for index in indexes:
            if index is not None and (found := known.get(index)) is not None:
                return found
        if not any(indexes):
            return self.keeper
        plan = self.plan
        key = self._vault.new_key()
        contact, person = plan.first_contact + row, plan.first_person + row
        made = Owner(contact, person, secrets.randbits(63) or 1, Sealer(key))
        into.keys.append((person, self._vault.wrap(person, key)))
        into.people.append((person, made.cluster))
        by_kind = dict(zip(self.identifiers, indexes, strict=True))
        email, customer, phone = (by_kind.get(kind) for kind in ("email", "customer", "phone"))
        sealed = seal_bytes(key, compact(details()).encode(), b"contact")
        into.contacts.append((contact, person, email, customer, phone, sealed, self.at_text, ""))
        into.count("new contacts")
        for index in indexes:
            if index is not None:
                known[index] = made
        return made
