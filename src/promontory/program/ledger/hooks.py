"""Where the contexts above plug in: each adds its line when its app is ready.

hooks.erasers.add("responses", erase_person)
hooks.projections.add("responses", Projection(check=…, unaccounted=…))
hooks.personal_values.add("responses", personal_values)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from promontory.program.ledger.rules import EntryRow
from promontory.registry import Registry


class Eraser(Protocol):
    """Blanks what a context holds about a person, within the erasure's transaction."""

    def __call__(self, person_id: int, *, by: str, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A row of a table that says something else than the ledger."""

    table: str
    id: int
    field: str
    stored: object
    ledger: object


def _nothing(upto: int) -> Iterable[Mismatch]:
    return ()


@dataclass(frozen=True, slots=True)
class Projection:
    """How a context's tables are held against the ledger.

    check: the mismatches of one run of sealed entries, in position order · unaccounted: rows of
    the table that no entry up to a position accounts for, asked once at the end.
    """

    check: Callable[[Sequence[EntryRow]], Iterable[Mismatch]]
    unaccounted: Callable[[int], Iterable[Mismatch]] = _nothing


# Given sealed entries, the personal values (canonical bytes) that each commitment was made to, by
# entry id; entries of others are left out.
PersonalValues = Callable[[Sequence[EntryRow]], Mapping[int, bytes]]

erasers: Registry[Eraser] = Registry("eraser")
projections: Registry[Projection] = Registry("projection")
personal_values: Registry[PersonalValues] = Registry("source of personal values")
