"""What moved: which segments changed by more than chance, and what the mix did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promontory.errors import BadInput
from promontory.measurement import (
    Difference,
    Explanation,
    Tally,
    benjamini_hochberg,
    explain_change,
)
from promontory.program.scores.queries.counts import Counts, changes
from promontory.program.scores.queries.gated import curtain
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.periods import Period
from promontory.warehouse import Periods

FALSE_DISCOVERIES = 0.05
MOST_SEGMENTS = 60
"""A slice with more values is a list of names, not something that moves."""

WITHHELD = "Withheld groups together"


@dataclass(frozen=True, slots=True)
class Move:
    """A segment that changed by more than chance, allowing for how many were looked at."""

    slice: str
    attribute: str
    code: int
    label: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Mix:
    """What a change owes to one attribute: to its segments, and to how many are in each."""

    slice: str
    attribute: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Moves:
    """The findings, how many segments were compared, and the mixes that matter."""

    found: tuple[Move, ...]
    compared: int
    mixes: tuple[Mix, ...]


def moves(source: Source, before: Period, after: Period) -> Moves:
    """Compare every segment of every attribute between two periods."""
    candidates: list[Move] = []
    mixes: list[Mix] = []
    source.slices.load(list(source.slices))
    for key in source.slices:
        counts = between(source, key, before, after)
        codes = sorted({code for _, code in counts.keys})
        if not 1 < len(codes) <= MOST_SEGMENTS:
            continue
        gate = curtain(source, [key])
        open_codes = [
            code
            for code in codes
            if gate.shows(before, {key: code}) and gate.shows(after, {key: code})
        ]
        candidates += _compared(source, key, counts, open_codes)
        mix = _mix(source, key, counts, codes, open_codes)
        mixes += [mix] if mix is not None else []
    adjusted = benjamini_hochberg(
        [1.0 if m.difference.p_value is None else m.difference.p_value for m in candidates]
    )
    found = [
        move
        for move, p in zip(candidates, adjusted.tolist(), strict=True)
        if p <= FALSE_DISCOVERIES
    ]
    found.sort(key=lambda move: -abs(move.difference.value or 0.0))
    mixes.sort(key=lambda mix: -abs(mix.explanation.mix.value))
    matter = tuple(m for m in mixes if m.explanation.paradox or m.explanation.mix.significant)
    return Moves(tuple(found), len(candidates), matter)


def between(
    source: Source,
    key: str,
    before: Period,
    after: Period,
    filters: Sequence[tuple[str, tuple[int, ...]]] = (),
) -> Counts:
    """Return the answers of two periods by segment; keys are (0 before or 1 after, code)."""
    swapped = after < before
    first, last = sorted((before, after))
    stretches = Periods(((first.first, first.last), (last.first, last.last)))
    column = source.slices[key].column
    counts = source.count((stretches, column), source.where(None, filters))
    if not swapped:
        return counts
    keys = tuple((1 - when, code) for when, code in counts.keys)
    pairs = counts.pairs and {(1 - when, code): p for (when, code), p in counts.pairs.items()}
    return Counts(counts.rules, keys, counts.n, pairs)


def _compared(source: Source, key: str, counts: Counts, codes: Sequence[int]) -> list[Move]:
    floor = source.method.minimum_base
    both = [c for c in codes if min(counts.base((0, c)), counts.base((1, c))) >= floor]
    found = changes(counts, [(0, c) for c in both], counts, [(1, c) for c in both])
    return [
        Move(key, source.slices[key].label, code, source.slices.label(key, code), found[i])
        for i, code in enumerate(both)
    ]


def _mix(
    source: Source, key: str, counts: Counts, codes: Sequence[int], open_codes: Sequence[int]
) -> Mix | None:
    explanation = explained(source, key, counts, codes, open_codes)
    return None if explanation is None else Mix(key, source.slices[key].label, explanation)


def explained(
    source: Source, key: str, counts: Counts, codes: Sequence[int], open_codes: Sequence[int]
) -> Explanation | None:
    """Return what the change owes to the segments; those withheld count as one together."""
    sides: list[dict[str | tuple[str, ...], Tally]] = []
    for when in (0, 1):
        worth = counts.worth([(when, code) for code in codes])
        side: dict[str | tuple[str, ...], Tally] = {}
        for code in codes:
            name = source.slices.label(key, code) if code in open_codes else WITHHELD
            side[name] = side.get(name, Tally()) + worth[when, code]
        sides.append({name: tally for name, tally in side.items() if tally.base})
    hidden = [side[WITHHELD].base for side in sides if WITHHELD in side]
    if any(base < source.sight.minimum_group for base in hidden):
        return None
    try:
        return explain_change(
            sides[0], sides[1], source.metric, level=float(source.method.level)
        )  # fmt: skip
    except BadInput:
        return None
