"""Resolved rows made ready to be written: ids, keys, ciphertext, history. Writes nothing."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from promontory.program.customers.rules.merging import (
    Merged,
    NewConsent,
    Terms,
    fresh,
    is_changed,
    merged,
)
from promontory.program.customers.rules.reasons import Reason
from promontory.program.customers.rules.resolving import Ask, Resolved, Resolver
from promontory.program.customers.rules.rows import Row, State
from promontory.program.ledger.vault import Vault, open_bytes, seal_bytes

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
REMEMBERED = 120_000
"""How many accounts are remembered before all are forgotten."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that packing needs to know, settled before the first row is written.

    Row n becomes contact `first_contact + n` and person `first_person + n` if it is somebody new.
    `dimensions` are those of the rows' attributes in their order; 0 leaves one out.
    """

    by: str
    terms: Terms
    dimensions: tuple[int, ...]
    first_contact: int
    first_person: int
    index_key: bytes
    master_key: bytes


@dataclass(slots=True)
class Slice:
    """Rows for each table in the order of its columns, and what became of each row of the file."""

    last_row: int = 0
    size: int = 0
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    people: list[tuple[Any, ...]] = field(default_factory=list)
    contacts: list[tuple[Any, ...]] = field(default_factory=list)
    updates: list[tuple[Any, ...]] = field(default_factory=list)
    stakes: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    consents: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: list[tuple[Any, ...]] = field(default_factory=list)
    identifiers: list[tuple[Any, ...]] = field(default_factory=list)
    holds: list[tuple[Any, ...]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: the contact, "new", "changed", "unchanged" or "set apart", and why."""

    row: int
    contact: int | None
    what: str
    reasons: tuple[Reason, ...] = ()
    kept_closed: int = 0


class Packer:
    """Packs rows into slices; one plan, one file, one pass."""

    def __init__(self, plan: Plan, ask: Ask, *, only: int | None = None) -> None:
        self.plan = plan
        self.resolver = Resolver(ask, plan.index_key, only=only)
        self._ask = ask
        self._vault = Vault(plan.master_key)
        self._accounts: dict[str, int] = {}
        self._codes: dict[int, dict[str, int]] = {}
        self._new: dict[int, int] = {}
        self._at = text_of(plan.terms.at)

    def read(self, rows: Sequence[Row]) -> list[Resolved]:
        """Return who each row of a batch is; each is then written, in this order."""
        resolved = self.resolver.resolve(rows)
        taken = [one for one in resolved if not one.reasons]
        self._learn_accounts(taken)
        self._learn_codes(taken)
        self._new.clear()
        return resolved

    def write(self, one: Resolved, into: Slice) -> Outcome:
        """Put what has to be written for a row into a slice, and say what became of it."""
        row = one.row
        if one.reasons:
            return Outcome(row.number, None, "set apart", tuple(one.reasons))
        if one.again:
            return self._further_account(one, into)
        account = self._accounts[row.account] if row.account else None
        codes = self._codes_of(row)
        household = None if row.household is None else self._household(row.household)
        if one.state is None:
            made = fresh(
                row, one.indexes, account=account, household=household, codes=codes,
                terms=self.plan.terms,
            )  # fmt: skip
            what = "new"
            contact = self._new[row.number] = self._write_new(made, row, into)
            self._stake(contact, account, row, {}, into)
        else:
            contact = one.state.contact
            details, key = self._opened(one.state)
            made = merged(
                one.state, details, row, one.indexes, account=account, household=household,
                codes=codes, terms=self.plan.terms,
            )  # fmt: skip
            if not any(made.indexes):
                return Outcome(row.number, None, "set apart", (Reason("nobody"),))
            is_changed_stake = self._stake(contact, account, row, one.state.stakes, into)
            what = "changed" if is_changed_stake else "unchanged"
            if is_changed(one.state, details, made):
                self._write_update(one.state, details, made, key, into)
                what = "changed"
        by = self.plan.by
        into.changes += [
            (contact, dimension, was, now, self._at, by) for dimension, was, now in made.changes
        ]
        into.consents += [self._consent(contact, each) for each in made.consents]
        return Outcome(row.number, contact, what, kept_closed=made.kept_closed)

    def _further_account(self, one: Resolved, into: Slice) -> Outcome:
        row = one.row
        contact = one.state.contact if one.state else self._new.get(one.again)
        if contact is None:
            # The row before was new and is not written yet: it will be, before this one.
            contact = self.plan.first_contact + one.again
        stakes = one.state.stakes if one.state else {}
        is_new = self._stake(contact, self._accounts[row.account or ""], row, stakes, into)
        return Outcome(row.number, contact, "further account" if is_new else "unchanged")

    def _write_new(self, made: Merged, row: Row, into: Slice) -> int:
        plan = self.plan
        contact, person = plan.first_contact + row.number, plan.first_person + row.number
        key = self._vault.new_key()
        into.keys.append((person, self._vault.wrap(person, key)))
        into.people.append((person, secrets.randbits(63) or 1))
        customer, email, phone = made.indexes
        into.contacts.append((
            contact, person, made.account, email, customer, phone, _sealed(key, made.details),
            made.language, made.zone, made.household, _JSON.encode(made.attributes), made.closed,
            made.failing, made.basis, self._at,
        ))  # fmt: skip
        return contact

    def _write_update(
        self, state: State, details: Mapping[str, str], made: Merged, key: bytes, into: Slice
    ) -> None:
        customer, email, phone = made.indexes
        sealed = state.details if made.details == details else _sealed(key, made.details)
        # Only a contact that still stands as it was read is written; else all is read again.
        into.updates.append((
            made.account, email, customer, phone, sealed, made.language, made.zone, made.household,
            _JSON.encode(made.attributes), made.closed, made.failing, made.basis,
            state.contact, state.details, state.closed, state.failing,
        ))  # fmt: skip

    def _stake(
        self, contact: int, account: int | None, row: Row, stakes: Mapping[int, str], into: Slice
    ) -> bool:
        if account is None:
            return False
        part = row.stake if row.stake is not None else stakes.get(account, "")
        if account in stakes and stakes[account] == part:
            return False
        into.stakes.append((contact, account, part))
        return True

    def _consent(self, contact: int, new: NewConsent) -> tuple[Any, ...]:
        terms = self.plan.terms
        return (
            contact, new.ways, new.is_given, new.basis, terms.source, "", text_of(new.at),
            self.plan.by,
        )  # fmt: skip

    def _opened(self, state: State) -> tuple[dict[str, str], bytes]:
        key = self._vault.unwrap(state.person, state.wrapped)
        return json.loads(open_bytes(key, state.details, b"contact")), key

    def _learn_accounts(self, taken: Sequence[Resolved]) -> None:
        if len(self._accounts) > REMEMBERED:
            self._accounts.clear()
        unknown: dict[str, str] = {}
        for one in taken:
            key = one.row.account
            if key and key not in self._accounts:
                unknown[key] = unknown.get(key) or one.row.account_name or ""
        if unknown:
            self._accounts |= self._ask.accounts(unknown)

    def _learn_codes(self, taken: Sequence[Resolved]) -> None:
        for place, dimension in enumerate(self.plan.dimensions):
            if not dimension:
                continue
            known = self._codes.setdefault(dimension, {})
            labels = {one.row.attributes[place] for one in taken if one.row.attributes}
            unknown = {label for label in labels if label} - known.keys()
            if unknown:
                known |= self._ask.codes(dimension, sorted(unknown))

    def _codes_of(self, row: Row) -> dict[int, int | None]:
        codes: dict[int, int | None] = {}
        for dimension, label in zip(self.plan.dimensions, row.attributes, strict=False):
            if dimension and label is not None:
                codes[dimension] = self._codes[dimension][label] if label else 0
        return codes

    def _household(self, name: str) -> int:
        if not name:
            return 0
        digest = hashlib.blake2b(
            name.casefold().encode(), digest_size=8, key=self.plan.index_key[:64],
            person=b"household",
        ).digest()  # fmt: skip
        return int.from_bytes(digest, "big") >> 1 or 1


def _sealed(key: bytes, details: Mapping[str, str]) -> bytes:
    return seal_bytes(key, _JSON.encode(details).encode(), b"contact")


@lru_cache(maxsize=8_192)
def text_of(at: datetime) -> str:
    """Return a moment as both databases read it: in UTC, without a zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")
