"""Who may be asked by which way: what a refusal, a consent and a bounce do to one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from promontory.program.customers.codes import FROM_THE_PERSON, Way

EACH = tuple(way for way in Way if way.value and way.value & (way.value - 1) == 0)
"""The ways one by one."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the consent history, as far as a decision needs it."""

    ways: int
    is_given: bool
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """That a way is closed: since when, and how it came to us."""

    at: datetime
    source: str

    @property
    def is_from_the_person(self) -> bool:
        return self.source in FROM_THE_PERSON


def refusals(history: Iterable[Said]) -> dict[int, Refused]:
    """Return what closed each way that is closed at the end of this history, in its order."""
    standing: dict[int, Refused] = {}
    for said in history:
        if said.source == "bounce":
            continue  # that an address fails says nothing about what its owner wants
        for way in EACH:
            if said.ways & way:
                if said.is_given:
                    standing.pop(int(way), None)
                else:
                    standing[int(way)] = Refused(said.at, said.source)
    return standing


def may_open(refused: Refused | None, *, given_at: datetime | None, source: str) -> str:
    """Return why consent may not open a closed way again; "" when it may.

    A complaint closes for good: only the person can take it back, on their preference page. From
    an import or the API, consent has to be later than the refusal.
    """
    if refused is None or source in FROM_THE_PERSON:
        return ""
    if refused.source == "complaint":
        return "complained"
    if source in ("import", "api"):
        if given_at is None:
            return "undated"
        if given_at <= refused.at:
            return "earlier"
    return ""


def opened(
    closed: int,
    wanted: int,
    standing: Mapping[int, Refused],
    *,
    given_at: datetime | None,
    source: str,
) -> tuple[int, dict[int, str]]:
    """Return which of the wanted ways open, and for each of the others why it stays closed."""
    open_now, kept = 0, {}
    for way in EACH:
        if way & closed & wanted:
            why = may_open(standing.get(int(way)), given_at=given_at, source=source)
            if why:
                kept[int(way)] = why
            else:
                open_now |= way
    return int(open_now), kept


def ways_of(mask: int) -> list[Way]:
    """Return the ways of a mask one by one."""
    return [way for way in EACH if way & mask]
