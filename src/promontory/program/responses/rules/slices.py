"""What packing needs to know, may ask, and hands over: a plan, questions, slices of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from promontory.program.ledger.rules import PreparedRow
from promontory.program.responses.rules.mapping import Mapping


class Ask(Protocol):
    """What the owner of the database answers."""

    def contacts(
        self, kind: str, indexes: Sequence[bytes]
    ) -> dict[bytes, tuple[int, int, int, bytes]]:
        """Blind index of one kind → contact, person, cluster, wrapped key."""

    def accounts(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Account key → id, cluster; made where absent."""

    def codes(self, dimension: int, labels: Sequence[str]) -> dict[str, int]:
        """Label → code of a dimension; made where absent."""

    def stored(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
        """Source key → response and content key, of those that are stored."""


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
    entries: list[PreparedRow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        if by:
            self.counts[what] = self.counts.get(what, 0) + by
