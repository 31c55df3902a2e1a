"""What a row changes about a contact we know; nothing, if all of it is so already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from promontory.program.customers.codes import Way
from promontory.program.customers.identity import IDENTIFIERS
from promontory.program.customers.rules.consents import opened
from promontory.program.customers.rules.resolving import Indexes
from promontory.program.customers.rules.rows import Row, State

_WAYS_OF = {"email": Way.EMAIL, "phone": Way.SMS | Way.VOICE, "customer": Way.NONE}


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A line to be added to the consent history."""

    ways: int
    is_given: bool
    basis: str
    at: datetime


@dataclass(slots=True)
class Merged:
    """A contact as it will stand, what its details will be, and what is to be written beside.

    `kept_closed` are the ways that the row would have opened and may not.
    """

    details: dict[str, str]
    indexes: Indexes
    account: int | None
    language: str
    zone: str
    household: int | None
    attributes: dict[str, int]
    closed: int = 0
    failing: int = 0
    basis: str = ""
    changes: list[tuple[int, int, int]] = field(default_factory=list)
    consents: list[NewConsent] = field(default_factory=list)
    kept_closed: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all rows: when and from where they come, and what they may open."""

    at: datetime
    source: str
    basis: str = ""
    reopens: bool = False


def fresh(
    row: Row,
    indexes: Indexes,
    *,
    account: int | None,
    household: int | None,
    codes: Mapping[int, int | None],
    terms: Terms,
) -> Merged:
    """Return somebody new, as the row describes them."""
    said = {"name": row.name, **dict(zip(IDENTIFIERS, row.identifiers(), strict=True))}
    made = Merged(
        details={kind: value for kind, value in said.items() if value},
        indexes=indexes,
        account=account,
        language=row.language or "",
        zone=row.zone or "",
        household=household,
        attributes={str(dimension): code for dimension, code in codes.items() if code},
        closed=row.closes,
        basis=row.basis if row.basis is not None else terms.basis,
    )
    said_at = row.consent_at or terms.at
    if row.closes:
        made.consents.append(NewConsent(row.closes, False, "", said_at))
    allowed = int(Way.ALL) & ~row.closes
    if allowed and (made.basis or row.opens or (row.consent_at and not row.closes)):
        made.consents.append(NewConsent(allowed, True, made.basis, said_at))
    return made


def merged(
    state: State,
    details: Mapping[str, str],
    row: Row,
    indexes: Indexes,
    *,
    account: int | None,
    household: int | None,
    codes: Mapping[int, int | None],
    terms: Terms,
) -> Merged:
    """Return a known contact as it will stand; `codes` has 0 where a value is taken away.

    `account` is that of the row's account, `household` the row's (0: taken away), None: not said.
    """
    now = Merged(
        details=dict(details),
        indexes=state.indexes,
        account=state.account if account is None else account,
        language=state.language if row.language is None else row.language,
        zone=state.zone if row.zone is None else row.zone,
        household=state.household if household is None else household or None,
        attributes=dict(state.attributes),
        closed=state.closed,
        failing=state.failing,
        basis=state.basis,
    )
    if row.account == "":
        now.account = None
    _take_details(now, row, indexes)
    for dimension, code in codes.items():
        was = state.attributes.get(str(dimension), 0)
        if code is None or code == was:
            continue
        now.changes.append((dimension, was, code))
        if code:
            now.attributes[str(dimension)] = code
        else:
            del now.attributes[str(dimension)]
    _take_consent(now, state, row, terms)
    return now


def _take_details(now: Merged, row: Row, indexes: Indexes) -> None:
    if row.name is not None:
        _put(now.details, "name", row.name)
    after = list(now.indexes)
    for place, (kind, said) in enumerate(zip(IDENTIFIERS, row.identifiers(), strict=True)):
        # An address that differs in its spelling alone is the same one and stays as it is.
        if said is None or (indexes[place] is not None and indexes[place] == after[place]):
            continue
        _put(now.details, kind, said)
        if after[place] != indexes[place]:
            # A new address has not failed yet.
            now.failing &= ~int(_WAYS_OF[kind])
        after[place] = indexes[place]
    now.indexes = tuple(after)


def _put(details: dict[str, str], key: str, value: str) -> None:
    if value:
        details[key] = value
    else:
        details.pop(key, None)


def _take_consent(now: Merged, state: State, row: Row, terms: Terms) -> None:
    said_at = row.consent_at or terms.at
    if closing := row.closes & ~state.closed:
        now.closed |= closing
        now.consents.append(NewConsent(closing, False, "", said_at))
    opening = 0
    if wanted := row.opens & state.closed & ~row.closes:
        if terms.reopens:
            opening, kept = opened(
                state.closed,
                wanted,
                state.refusals,
                given_at=row.consent_at,
                source=terms.source,
            )
            now.closed &= ~opening
            now.kept_closed = sum(kept)
        else:
            now.kept_closed = wanted
    basis = row.basis if row.basis is not None else (state.basis or terms.basis)
    if opening or basis != state.basis:
        now.basis = basis
        ways = opening or int(Way.ALL) & ~now.closed
        now.consents.append(NewConsent(ways, True, basis, said_at))


def is_changed(state: State, details: Mapping[str, str], now: Merged) -> bool:
    """Return whether anything of the contact's own row has to be written."""
    return now.details != details or (
        now.indexes, now.account, now.language, now.zone, now.household, now.attributes,
        now.closed, now.failing, now.basis,
    ) != (
        state.indexes, state.account, state.language, state.zone, state.household,
        state.attributes, state.closed, state.failing, state.basis,
    )  # fmt: skip
