"""Judged rows made ready to be inserted: ids, keys, ciphertext, ledger entries. Writes nothing.

Whatever has to be looked up is asked of the process that owns the database (`Ask`); the answers
are remembered within bounds, so that memory stays flat however long the file is.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.ledger.rules import Kind, NewEntry, prepare
from promontory.program.ledger.vault import Vault, commitment, seal_bytes
from promontory.program.responses.rules.judging import Judged, Reason, attribute_text
from promontory.program.responses.rules.kept import (
    NOT_ANSWERED,
    UNIT_WEIGHT,
    compact,
    content_key,
    kept,
    personal,
    source_key,
)
from promontory.program.responses.rules.mapping import Mapping
from promontory.program.surveys.codes import CHANNEL_LABELS, CHANNELS

REMEMBERED = 400_000
"""How many contacts, codes and accounts are remembered before the memory is emptied."""
_CHANNEL_CODES = {
    **{name.replace("_", " "): code for name, code in CHANNELS.items()},
    **{label.casefold(): CHANNELS[name] for name, label in CHANNEL_LABELS.items()},
}


class Ask(Protocol):
    """What the owner of the database answers."""

    def contacts(self, indexes: Sequence[bytes]) -> dict[bytes, tuple[int, int, int, bytes]]:
        """Blind index → contact, person, cluster, wrapped key."""

    def accounts(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Account key → id, cluster; made where absent."""

    def codes(self, dimension: int, labels: Sequence[str]) -> dict[str, int]:
        """Label → code of a dimension; made where absent."""

    def stored(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
        """Source key → response and content key, of those that are stored."""

    def twins(self, keys: Sequence[int]) -> set[int]:
        """Those of these content keys that another source has stored."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that packing needs to know, settled before the first row is written."""

    source: int
    by: str
    at: datetime
    sha256: str
    survey: int
    version: int
    promise: str
    mapping: Mapping
    questions: tuple[int, ...]
    dimensions: dict[str, int]
    language: int | None
    units: dict[str, int]
    first_response: int
    first_entry: int
    first_person: int
    first_contact: int
    keeper: int
    keeper_key: bytes
    index_key: bytes
    master_key: bytes

    @property
    def is_anonymous(self) -> bool:
        return self.promise == "anonymous"


@dataclass(slots=True)
class Slice:
    """Rows for each table, in the order of its columns, and what is to be counted."""

    last_row: int
    size: int = 0
    keys: list[tuple[Any, ...]] = field(default_factory=list)
    people: list[tuple[Any, ...]] = field(default_factory=list)
    contacts: list[tuple[Any, ...]] = field(default_factory=list)
    responses: list[tuple[Any, ...]] = field(default_factory=list)
    answers: list[tuple[Any, ...]] = field(default_factory=list)
    verbatims: list[tuple[Any, ...]] = field(default_factory=list)
    raws: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        if by:
            self.counts[what] = self.counts.get(what, 0) + by


@dataclass(frozen=True, slots=True)
class _Person:
    contact: int
    person: int
    cluster: int
    key: bytes


class Packer:
    """Packs judged batches into slices; one plan, one file, one pass."""

    def __init__(self, plan: Plan, ask: Ask) -> None:
        self.plan = plan
        self.ask = ask
        self._vault = Vault(plan.master_key)
        self._known: dict[bytes, _Person] = {}
        self._accounts: dict[str, tuple[int, int]] = {}
        self._codes: dict[int, dict[str, int]] = {}
        self._at = plan.at.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")
        self._keeper = _Person(0, plan.keeper, 0, plan.keeper_key)
        self._identifiers = [
            kind for kind in IDENTIFIERS if plan.mapping.named(kind) and not plan.is_anonymous
        ]

    def pack(self, judged: Judged, *, rows_a_slice: int) -> list[Slice]:
        """Return the batch as slices of at most so many rows."""
        self._forget()
        keys = self._source_keys(judged)
        stored = self.ask.stored(keys)
        indexes = self._indexes(judged)
        wanted = {i for row in indexes for i in row if i is not None} - self._known.keys()
        for index, (contact, person, cluster, wrapped) in self.ask.contacts(list(wanted)).items():
            key = self._vault.unwrap(person, wrapped)
            self._known[index] = _Person(contact, person, cluster, key)
        prepared = _Batch(self, judged, keys, stored, indexes)
        return [
            prepared.slice(start, min(start + rows_a_slice, len(judged)))
            for start in range(0, len(judged), rows_a_slice)
        ]

    def _forget(self) -> None:
        # Every slice sent before a question is committed before its answer, so what is forgotten
        # can always be asked again.
        if len(self._known) > REMEMBERED:
            self._known.clear()
        if len(self._accounts) > REMEMBERED:
            self._accounts.clear()

    def _source_keys(self, judged: Judged) -> list[bytes]:
        plan, ids = self.plan, judged.texts.get("id")
        key, survey = plan.index_key, plan.survey
        if ids is None:
            return [source_key(key, survey, "row", plan.sha256, str(row)) for row in judged.rows]
        return [
            source_key(key, survey, "id", given)
            if given is not None
            else source_key(key, survey, "row", plan.sha256, str(row))
            for given, row in zip(ids, judged.rows, strict=True)
        ]

    def _indexes(self, judged: Judged) -> list[tuple[bytes | None, ...]]:
        if not self._identifiers:
            return [()] * len(judged)
        memo: dict[str, bytes | None] = {}
        columns = []
        for kind in self._identifiers:
            memo.clear()
            column: list[bytes | None] = []
            for value in judged.texts[kind]:
                if value is None:
                    column.append(None)
                    continue
                if value not in memo:
                    memo[value] = blind_index(kind, value, self.plan.index_key)
                column.append(memo[value])
            columns.append(column)
        return list(zip(*columns, strict=True))

    def account(self, names: list[str | None]) -> list[tuple[int, int] | None]:
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

    def person(
        self, indexes: tuple[bytes | None, ...], row: int, details: dict[str, str], into: Slice
    ) -> _Person | None:
        """Return the person a row is from, made now if never seen; None if nobody is named."""
        for index in indexes:
            if index is not None and (found := self._known.get(index)) is not None:
                return found
        if not any(indexes):
            return None
        plan = self.plan
        key = self._vault.new_key()
        made = _Person(
            plan.first_contact + row, plan.first_person + row, secrets.randbits(63) or 1, key
        )
        into.keys.append((made.person, self._vault.wrap(made.person, key)))
        into.people.append((made.person, made.cluster))
        by_kind = dict(zip(self._identifiers, indexes, strict=True))
        sealed = seal_bytes(key, compact(details).encode(), b"contact")
        into.contacts.append(
            (
                made.contact,
                made.person,
                by_kind.get("email"),
                by_kind.get("customer"),
                by_kind.get("phone"),
                sealed,
                self._at,
            )
        )
        into.count("new contacts")
        for index in indexes:
            if index is not None:
                self._known[index] = made
        return made


class _Batch:
    """One judged batch with everything looked up, row by row made into tuples."""

    def __init__(
        self,
        packer: Packer,
        judged: Judged,
        keys: list[bytes],
        stored: dict[bytes, tuple[int, int]],
        indexes: list[tuple[bytes | None, ...]],
    ) -> None:
        self.packer, self.judged, self.keys, self.indexes = packer, judged, keys, indexes
        plan, size = packer.plan, len(judged)
        self.stored = dict(stored)
        texts = judged.texts
        none: list[Any] = [None] * size
        zeros = [0] * size
        self.when = as_database_text(judged.at)
        self.days = judged.day.tolist()
        self.weights = judged.weight.tolist() if judged.weight is not None else None
        self.answers = [(value.tolist(), ok.tolist()) for value, ok in judged.answers]
        self.comments = texts.get("comment", none)
        self.ids = texts.get("id", none)
        self.accounts = packer.account(texts["account"]) if "account" in texts else none
        self.languages = [
            text and text.replace("_", "-").casefold()[:16] for text in texts.get("language", none)
        ]
        self.language_codes = (
            packer.codes(plan.language, self.languages) if plan.language else zeros
        )
        self.channels, unknown_channels = _channels(texts.get("channel", none))
        self.units, unknown_units = _units(texts.get("unit", none), plan.units)
        self.notes = {
            **judged.notes,
            "unknown channel": unknown_channels,
            "unknown unit": unknown_units,
        }
        self.codes = []
        for column in plan.mapping.attributes:
            dimension = plan.dimensions[column.name]
            labels = texts[attribute_text(column)]
            self.codes.append((str(dimension), packer.codes(dimension, labels), column.declared))

    def slice(self, start: int, end: int) -> Slice:
        """Return the rows from `start` to before `end` as a slice."""
        judged, plan = self.judged, self.packer.plan
        made = Slice(last_row=judged.rows[end - 1], size=end - start)
        if start == 0:
            for what, count in self.notes.items():
                made.count(f"note: {what}", count)
        entries: list[NewEntry] = []
        ids: list[int] = []
        for place in range(start, end):
            if place in judged.blank:
                made.count("blank")
            elif reasons := judged.reasons.get(place):
                self._reject(place, reasons, made)
            else:
                self._take(place, made, entries, ids)
        made.entries = prepare(entries, ids, at=plan.at)  # type: ignore[assignment]
        return made

    def _reject(self, place: int, reasons: Sequence[Reason], made: Slice) -> None:
        plan, row = self.packer.plan, self.judged.rows[place]
        raw = self.judged.raws.get(place)
        text = raw if raw is not None else compact(self.judged.cells[place])
        sealed = seal_bytes(plan.keeper_key, text.encode(), b"rejected %d" % row)
        shown = [(r.slug, r.column, "") for r in reasons]
        made.rejected.append((plan.source, row, compact(shown), sealed))
        made.count("rejected")
        for slug in {reason.slug for reason in reasons}:
            made.count(f"reason: {slug}")

    def _take(self, place: int, made: Slice, entries: list[NewEntry], ids: list[int]) -> None:
        packer, plan, judged = self.packer, self.packer.plan, self.judged
        row, key, comment = judged.rows[place], self.keys[place], self.comments[place]
        answers = [value[place] if ok[place] else NOT_ANSWERED for value, ok in self.answers]
        day, indexes = self.days[place], self.indexes[place]
        who = next((index for index in indexes if index is not None), b"").hex()
        twin = content_key(
            plan.index_key, plan.survey, self.when[place], answers, comment or "", who
        )
        response = plan.first_response + row
        if (there := self.stored.get(key)) is not None:
            # An id of this import's own block is a row further up in this very file.
            if plan.first_response <= there[0] < response:
                name = plan.mapping.named("id") or ""
                shown = self.ids[place] or ""
                self._reject(place, [Reason("duplicate-id", name, shown)], made)
            else:
                made.count("already stored")
                made.count("already stored, but different", int(there[1] != twin))
            return
        self.stored[key] = (response, twin)
        person = self._person(place, row, made) if indexes else None
        account = self.accounts[place]
        stratum, undeclared, attributes = {}, {}, {}
        for dimension, codes, declared in self.codes:
            if code := codes[place]:
                attributes[dimension] = code
                (stratum if declared else undeclared)[dimension] = code
        raw = compact(judged.cells[place])
        keeper = person or packer._keeper
        unit, channel = self.units[place], self.channels[place]
        made.responses.append(
            (
                response,
                plan.survey,
                plan.version,
                plan.source,
                row,
                "" if plan.is_anonymous else self.ids[place] or "",
                person.contact if person else None,
                account[0] if account else None,
                unit or None,
                self.when[place],
                day,
                self._received,
                channel,
                self.languages[place] or "",
                compact(attributes),
                0,
                key,
                twin,
            )
        )
        for question, value in zip(plan.questions, answers, strict=True):
            if value != NOT_ANSWERED:
                made.answers.append((response, question, value))
        if comment is not None:
            made.verbatims.append((response, comment, self.languages[place] or ""))
        made.raws.append((response, seal_bytes(keeper.key, raw.encode(), b"raw %d" % response)))
        committed = personal(
            contact=person.contact if person else None,
            raw=raw,
            verbatim=comment,
            undeclared=compact(undeclared),
        )
        entries.append(
            NewEntry(
                kind=Kind.ANSWER,
                by=plan.by,
                kept=kept(
                    response=response,
                    survey=plan.survey,
                    version=plan.version,
                    answers=[
                        (column.code, value)
                        for column, value in zip(plan.mapping.answers, answers, strict=True)
                    ],
                    day=day,
                    channel=channel,
                    language=self.language_codes[place],
                    unit=unit,
                    weight=self.weights[place] if self.weights else UNIT_WEIGHT,
                    person=person.cluster if person else 0,
                    account=account[1] if account else 0,
                    stratum=stratum,
                ),
                subject=response,
                batch=plan.source,
                person=keeper.person,
                local_day=day,
                personal=commitment(keeper.key, committed),
            )
        )
        ids.append(plan.first_entry + row)
        made.count("stored")

    @property
    def _received(self) -> str:
        return self.packer._at

    def _person(self, place: int, row: int, made: Slice) -> _Person | None:
        details = {}
        for kind in (*self.packer._identifiers, "name"):
            column = self.judged.texts.get(kind)
            if column is not None and (value := column[place]) is not None:
                details[kind] = value
        return self.packer.person(self.indexes[place], row, details, made)


def as_database_text(at: np.ndarray[Any, Any]) -> list[str]:
    """Instants as Django writes them on SQLite: a blank for the T, no fraction when it is zero."""
    if not (at % 1_000_000).any():
        words = np.datetime_as_string((at // 1_000_000).astype("datetime64[s]"))
        return [word.replace("T", " ") for word in words.tolist()]
    words = np.datetime_as_string(at.astype("datetime64[us]"))
    return [word.replace("T", " ").removesuffix(".000000") for word in words.tolist()]


def _channels(names: list[str | None]) -> tuple[list[int], int]:
    codes, unknown = [], 0
    for name in names:
        code = 0
        if name is not None:
            found = _CHANNEL_CODES.get(name.casefold().replace("_", " ").replace("-", " "))
            found = _CHANNEL_CODES.get(name.casefold()) if found is None else found
            unknown += found is None
            code = found or 0
        codes.append(code)
    return codes, unknown


def _units(names: list[str | None], units: dict[str, int]) -> tuple[list[int], int]:
    codes = [0 if name is None else units.get(name.casefold(), 0) for name in names]
    unknown = sum(name is not None and not code for name, code in zip(names, codes, strict=True))
    return codes, unknown
