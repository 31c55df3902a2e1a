"""The picture of what became of a frame: one bar, a part a disposition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promontory.program.outreach.codes import HELD, Disposition

_ANSWERED = {Disposition.ANSWERED, Disposition.PARTIAL}
_ENDED = {
    Disposition.REFUSED,
    Disposition.OPTED_OUT,
    Disposition.UNDELIVERABLE,
    Disposition.NO_ANSWER,
    Disposition.QUARANTINED,
    Disposition.CANCELLED,
}
WIDTH = 600


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar: where it begins, how wide it is, how it is filled."""

    x: float
    width: float
    kind: str
    label: str
    count: int


_LABELS = {
    "answered": "Answered",
    "open": "Planned or under way",
    "ended": "Ended without an answer",
    "held": "Held back or not reachable",
    "left": "Not drawn",
}


def bar(counts: Sequence[tuple[int, int]]) -> list[Part]:
    """Return the bar of (disposition, people): answered, under way, ended, held back, not drawn."""
    sums = dict.fromkeys(_LABELS, 0)
    for code, count in counts:
        sums[_kind(code)] += count
    whole = sum(sums.values())
    parts, x = [], 0.0
    for kind, count in sums.items():
        if count:
            width = WIDTH * count / whole
            parts.append(Part(round(x, 2), round(width, 2), kind, _LABELS[kind], count))
            x += width
    return parts


def _kind(code: int) -> str:
    if code == Disposition.NOT_DRAWN:
        return "left"
    if code in HELD or code == Disposition.UNREACHABLE:
        return "held"
    if code in _ANSWERED:
        return "answered"
    return "ended" if code in _ENDED else "open"
