"""Mode effects: the score by channel, and whether the channel itself makes the difference."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from promontory.measurement import Tally
from promontory.measurement.asking import ModeEffect, mode_effects
from promontory.program.scores.queries.counts import Key
from promontory.program.scores.queries.figure import Figure, figure, withheld
from promontory.program.scores.queries.gated import curtain
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.gate import MOST_GATED_DIMENSIONS
from promontory.program.scores.rules.periods import Period

CHANNEL = "channel"
_APART = {CHANNEL, "language", "unit"}
"""What is no attribute of a customer by which like is compared with like, unless it is asked."""


@dataclass(frozen=True, slots=True)
class Modes:
    """The score of each channel, and each one against the one most have answered by.

    `within` names the attributes by which like is compared with like; empty, nothing could be.
    """

    figures: tuple[Figure, ...]
    effects: tuple[ModeEffect, ...]
    within: tuple[str, ...]
    sentence: str


def modes(source: Source, by: tuple[str, ...], period: Period | None) -> Modes:
    """Return what the channel does to the score; `by` are the attributes held alike.

    What a viewer may not see is not compared: where one cell is withheld, the comparison within
    the cells is too.
    """
    for name in by:
        source.slices[name]  # refuses what there is not, or what this viewer may not slice by
    if CHANNEL not in source.slices:
        return Modes((), (), (), "Every answer came by a channel that is not known.")
    keys = tuple(key for key in by if key != CHANNEL) or _usual(source)
    if source.sight.gated:
        keys = keys[: MOST_GATED_DIMENSIONS - 1]
    gate = curtain(source, (CHANNEL,))
    counts = source.count((source.slices[CHANNEL].column,), source.where(period))
    figures, open_codes = [], []
    for key, estimate in zip(counts.keys, counts.estimates(counts.keys), strict=True):
        label = source.slices.label(CHANNEL, key[0])
        if gate.shows(period, {CHANNEL: key[0]}):
            open_codes.append(key[0])
            figures.append(figure(label, estimate, source.method, source.position))
        else:
            reason = source.sight.reason
            figures.append(withheld(label, source.metric, source.method, source.position, reason))
    if len(figures) < 2:
        return Modes(tuple(figures), (), (), "Answers came by one channel only.")
    if len(open_codes) < 2:
        return Modes(tuple(figures), (), (), "Too few people answered by a second channel.")
    tallies = _tallies(source, keys, period, open_codes)
    if tallies is None:
        keys, tallies = (), _tallies(source, (), period, open_codes)
    effects = mode_effects(tallies or {}, source.metric, level=float(source.method.level))
    names = tuple(source.slices[key].label for key in keys)
    return Modes(tuple(figures), effects, names, _sentence(effects, names))


def _usual(source: Source) -> tuple[str, ...]:
    """Return the first attribute of customers that is declared: everybody may slice by it."""
    own = [key for key, one in source.slices.items() if one.declared and key not in _APART]
    return tuple(own[:1])


def _tallies(
    source: Source, keys: tuple[str, ...], period: Period | None, channels: list[int]
) -> dict[str, dict[str, Tally]] | None:
    """Return the answers by channel and segment; None where a cell may not be seen."""
    columns = tuple(source.slices[key].column for key in (CHANNEL, *keys))
    counts = source.count(columns, source.where(period))
    gate = curtain(source, (CHANNEL, *keys))
    cells: list[Key] = [key for key in counts.keys if key[0] in channels]
    names = (CHANNEL, *keys)
    if not all(gate.shows(period, dict(zip(names, cell, strict=True))) for cell in cells):
        return None
    found: dict[str, dict[str, Tally]] = defaultdict(dict)
    for cell, tally in counts.worth(cells).items():
        segment = " · ".join(map(str, cell[1:])) or "all"
        found[source.slices.label(CHANNEL, cell[0])][segment] = tally
    return found


def _sentence(effects: tuple[ModeEffect, ...], names: tuple[str, ...]) -> str:
    real = [one for one in effects if one.effect is not None and one.effect.significant]
    if not names:
        return (
            "The channels are compared as they are: no attribute that everybody may see tells "
            "whom each of them reached."
        )
    if real:
        return " ".join(one.sentence for one in real)
    return "No detectable difference between channels among like customers."
