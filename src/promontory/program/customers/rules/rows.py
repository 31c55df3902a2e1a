"""What a row says about a customer, whichever door it came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from promontory.program.customers.rules.consents import Refused


@dataclass(slots=True)
class Row:
    """A row about one contact: None says nothing, "" takes away what is there.

    `opens` and `closes` are masks of ways; `attributes` are labels in the order of the plan's
    dimensions.
    """

    number: int
    customer: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    account: str | None = None
    account_name: str | None = None
    stake: str | None = None
    language: str | None = None
    zone: str | None = None
    household: str | None = None
    basis: str | None = None
    consent_at: datetime | None = None
    opens: int = 0
    closes: int = 0
    attributes: tuple[str | None, ...] = ()

    def identifiers(self) -> tuple[str | None, ...]:
        """Return what identifies the contact, the most telling first."""
        return (self.customer, self.email, self.phone)


class State(NamedTuple):
    """A contact as it stands; `indexes` are blind indexes in the order of `IDENTIFIERS`."""

    contact: int
    person: int
    wrapped: bytes
    details: bytes
    indexes: tuple[bytes | None, ...]
    account: int | None
    language: str
    zone: str
    household: int | None
    attributes: dict[str, int]
    closed: int
    failing: int
    basis: str
    refusals: dict[int, Refused]
    stakes: dict[int, str]
