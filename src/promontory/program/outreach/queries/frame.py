"""The sampling frame of a plan, judged by the policy: read as columns, a portion at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from promontory.errors import BadInput, Place
from promontory.program.customers import queries as customers
from promontory.program.customers.codes import WAY_OF_CHANNEL, Way
from promontory.program.customers.models import Dimension
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.queries.columns import rows, second
from promontory.program.outreach.queries.known import Kept, Known, known_beside
from promontory.program.outreach.rules.choosing import Choices, Decided, usual_of
from promontory.program.outreach.rules.drawing import MOST_STRATA, Frame
from promontory.program.outreach.rules.many import People, judge
from promontory.program.outreach.rules.policy import ALWAYS, Policy
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import Survey

Ints = NDArray[np.int64]


def ways_wanted(channels: Sequence[str]) -> int | None:
    """Return the ways that some channels need, as a mask; None when one of them needs none."""
    unknown = [channel for channel in channels if channel not in CHANNELS]
    if unknown or not channels:
        raise BadInput(
            f"There is no channel “{unknown[0]}”." if unknown else "A plan needs a channel.",
            remedy=f"Known: {', '.join(CHANNELS)}.",
            place=Place(field="channels"),
        )
    if any(channel not in WAY_OF_CHANNEL for channel in channels):
        return None
    mask = 0
    for channel in channels:
        mask |= int(WAY_OF_CHANNEL[channel])
    return mask


def dimensions(keys: Sequence[str]) -> list[Dimension]:
    """Return the dimensions of these keys, or refuse the one that there is not."""
    found = {dimension.key: dimension for dimension in customers.dimensions()}
    for key in keys:
        if key not in found:
            raise BadInput(
                f"There is no attribute “{key}”.",
                remedy=f"Known: {', '.join(found) or 'none yet'}.",
                place=Place(field="strata"),
            )
    return [found[key] for key in keys]


def filter_codes(frame: Mapping[str, Sequence[str]]) -> dict[int, list[int]]:
    """Return the codes wanted of each dimension by which a plan narrows its frame."""
    wanted: dict[int, list[int]] = {}
    for dimension, labels in zip(dimensions(list(frame)), frame.values(), strict=True):
        codes = customers.codes(dimension, labels)
        if missing := [label for label in labels if label not in codes]:
            raise BadInput(
                f"No customer has the {dimension.label} “{missing[0]}”.",
                remedy="See under Customers which values there are.",
                place=Place(field=dimension.key),
            )
        wanted[dimension.pk] = sorted(codes.values())
    return wanted


def judged(
    survey: Survey,
    *,
    frame: Mapping[str, Sequence[str]],
    strata: Sequence[str],
    channels: Sequence[str],
    policy: Policy,
    at: datetime,
    decided: Sequence[Decided] = (),
    heed: Callable[[int], None] = lambda done: None,
) -> Frame:
    """Read everybody in a frame and judge them; `heed` hears how many were read so far.

    `decided` are the channels of some segments, the newest decision first: they go before
    `channels`.
    At ten million people this holds some forty bytes for each of them.
    """
    split = dimensions(strata)
    choices = Choices(decided, usual_of(channels))
    used = [d.pk for d in split]
    used += [pk for pk in choices.dimensions if pk not in used]
    wanted = ways_wanted(choices.every)
    known = known_beside(survey, policy, at)
    parts: list[tuple[NDArray[Any], ...]] = []
    done = 0
    for columns in rows(_statement(filter_codes(frame), used), instants=_CLOCKS):
        parts.append(
            _judged_part(columns, known, policy, wanted, choices, used, at)[: _KEPT + len(split)]
        )
        done += len(columns[0])
        heed(done)
    if not parts:
        nobody = [np.empty(0, dtype=np.int64)] * (_COLUMNS + len(used))
        parts = [
            _judged_part(nobody, known, policy, wanted, choices, used, at)[: _KEPT + len(split)]
        ]
    ids, disposition, channel, account, household, *codes = _joined(parts)
    may = disposition == 0
    accounts, account_room = _rooms(account, policy.cap_account, known.account_room, may)
    households, household_room = _rooms(household, policy.cap_household, known.household_room, may)
    stratum, labels, stratum_codes = _strata(codes, split, len(ids))
    return Frame(
        ids=ids,
        disposition=disposition.astype(np.uint8),
        channel=channel.astype(np.uint8),
        stratum=stratum,
        account=accounts,
        account_room=account_room,
        household=households,
        household_room=household_room,
        labels=labels,
        codes=stratum_codes,
    )


def _joined(parts: list[tuple[NDArray[Any], ...]]) -> list[NDArray[Any]]:
    """Join the portions column by column, giving each up as soon as it is joined."""
    columns = [list(column) for column in zip(*parts, strict=True)]
    parts.clear()
    out = []
    for column in columns:
        out.append(np.concatenate(column))
        column.clear()
    return out


_CLOCKS = (4, 5, 6, 7)
_COLUMNS = 8
_KEPT = 5
"""So many columns are kept of everybody, and those of the strata."""


def _statement(wanted: Mapping[int, Sequence[int]], strata: Sequence[int]) -> str:
    """Return the one statement that reads a frame; the ids and codes in it are ours."""
    # One number a person: the ways closed, the ways failing, the ways there are, a lawful basis.
    flags = (
        "c.closed + 16 * c.failing"
        " + CASE WHEN c.email_index IS NULL THEN 0 ELSE 256 END"
        " + CASE WHEN c.phone_index IS NULL THEN 0 ELSE 1536 END"
        " + CASE WHEN c.customer_index IS NULL AND c.email_index IS NULL THEN 0 ELSE 2048 END"
        " + CASE WHEN c.basis = '' THEN 0 ELSE 4096 END"
    )
    columns = [
        "c.id", "c.account_id", "c.household", flags,
        "k.invited_at", "k.shown_at", "k.answered_at", "k.dismissed_at",
        *(_code(number) for number in strata),
    ]  # fmt: skip
    narrowed = "".join(
        f" AND {_code(number)} IN ({','.join(map(str, codes)) or '-1'})"
        for number, codes in wanted.items()
    )
    return (
        f"SELECT {', '.join(columns)} FROM customers_contact c "
        "LEFT JOIN outreach_clock k ON k.contact_id = c.id "
        f"WHERE c.details IS NOT NULL{narrowed} ORDER BY c.id"
    )


def _code(dimension: int) -> str:
    if connection.vendor == "sqlite":
        return f"COALESCE(json_extract(c.attributes, '$.\"{dimension}\"'), 0)"
    return f"COALESCE((c.attributes->>'{dimension}')::int, 0)"


def _judged_part(
    columns: Sequence[Ints],
    known: Known,
    policy: Policy,
    wanted: int | None,
    choices: Choices,
    used: Sequence[int],
    at: datetime,
) -> tuple[NDArray[Any], ...]:
    ids, account, household, flags, invited, shown, answered, dismissed, *codes = columns
    closed, failing, has = flags & 15, flags >> 4 & 15, flags >> 8 & 15
    people = People(
        has=has,
        closed=closed,
        failing=failing,
        has_basis=flags & 4096 != 0,
        invited=np.maximum(invited, known.waiting.of(ids)),
        shown=shown,
        answered=answered,
        dismissed=dismissed,
        survey_invited=known.survey_invited.of(ids),
        held=np.maximum(known.held.of(ids), known.held_account.of(account)),
        first=known.first.of(ids),
        person_free=known.person_free.of(ids),
        household_free=known.household_free.of(household),
        account_free=known.account_free.of(account),
    )
    disposition = judge(people, policy, wanted=wanted, at=second(at))
    by_dimension = {str(pk): code for pk, code in zip(used, codes, strict=True)}
    channel = _chosen(choices, has & ~closed & ~failing, by_dimension)
    # A decision may leave out the only way there is to somebody.
    disposition[(disposition == 0) & (channel == 0)] = int(Disposition.UNREACHABLE)
    # Narrow columns: this is kept for everybody until all have been read.
    small = [code.astype(np.int32) for code in codes]
    return ids, disposition, channel, account, household, *small


def _chosen(choices: Choices, usable: Ints, codes: Mapping[str, Ints]) -> NDArray[np.uint8]:
    """Return the channel of each by the newest decision for their segment, else the usual one."""
    out = _channel(choices.usual, usable)
    for segment, channels in reversed(choices.decided):
        mine = np.ones(len(usable), dtype=bool)
        for key, code in segment.items():
            mine &= codes[key] == code
        out[mine] = _channel(channels, usable[mine])
    return out


def _channel(channels: Sequence[str], usable: Ints) -> NDArray[np.uint8]:
    """Return the first channel of the plan by which each can be asked; 0 for none."""
    out = np.zeros(len(usable), dtype=np.uint8)
    for channel in channels:
        way = int(WAY_OF_CHANNEL.get(channel, Way.NONE))
        reached = usable & way != 0 if way else np.ones(len(usable), dtype=bool)
        out[(out == 0) & reached] = CHANNELS[channel]
    return out


def _rooms(keys: Ints, cap: int | None, rooms: Kept, may: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Number the groups of those who may be asked, and return how many more each may take."""
    out = np.full(len(keys), -1, dtype=np.int64)
    if cap is None:
        return out, np.empty(0, dtype=np.int64)
    grouped = may & (keys != ALWAYS)
    found, number = np.unique(keys[grouped], return_inverse=True)
    out[grouped] = number
    return out, rooms.of(found)


def _strata(
    codes: Sequence[Ints], split: Sequence[Dimension], size: int
) -> tuple[NDArray[np.uint16], tuple[str, ...], tuple[dict[str, int], ...]]:
    """Number the combinations of codes that there are, in the order of their codes."""
    if not split:
        return np.zeros(size, dtype=np.uint16), ("Everybody",), ({},)
    key = np.zeros(size, dtype=np.int64)
    for code in codes:
        key = key * (int(code.max(initial=0)) + 1) + code
    _, first, number = np.unique(key, return_index=True, return_inverse=True)
    if len(first) > MOST_STRATA:
        raise BadInput(
            f"These attributes make {len(first):,} strata, more than {MOST_STRATA:,}.",
            remedy="Use fewer attributes, or some with fewer values.",
            place=Place(field="strata"),
        )
    names = [customers.labels(dimension) for dimension in split]
    found = [{d.key: int(c[row]) for d, c in zip(split, codes, strict=True)} for row in first]
    labels = tuple(
        " · ".join(
            name.get(code, "unknown") for name, code in zip(names, one.values(), strict=True)
        )
        for one in found
    )
    return number.astype(np.uint16), labels, tuple(found)
