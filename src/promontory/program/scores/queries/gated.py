"""The gate applied: which figures of a source its viewer may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.periods import Period
from promontory.program.scores.rules.withholding import Cell, People, Withholding, span_of

Filters = Sequence[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True, eq=False)
class Curtain:
    """Decides for the figures over some attributes; open for who is not gated.

    The attributes are those a view slices *and* filters by: a filter is a cell of the same table.
    """

    source: Source
    keys: tuple[str, ...]
    withholding: Withholding | None

    def shows(self, period: Period | None, cell: dict[str, int] | None = None) -> bool:
        """Say whether the figure of a cell in a period (None: all time) may be shown."""
        if self.withholding is None:
            return True
        named = cell or {}
        where: Cell = tuple(named.get(key) for key in self.keys)
        return self.withholding.shows(span_of(period), where)


def curtain(source: Source, keys: Sequence[str] = ()) -> Curtain:
    """Return the gate for figures over these attributes, in whatever order they are named."""
    ordered = tuple(sorted(set(keys)))
    if not source.sight.gated:
        return Curtain(source, ordered, None)
    columns = tuple(source.slices[key].column for key in ordered)
    known = _Known(
        source.engine.facts.root,
        source.manifest.generation,
        source.survey.pk,
        source.metric.key,
        source.method.pk,
        source.viewer.units,
        source.release.position,
        source.release.before,
        columns,
        source.sight.minimum_group,
    )
    return Curtain(source, ordered, _withholding(known, _Ask(source, ordered)))


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything a decision depends on; the same again is the same decision."""

    root: Path
    generation: int
    survey: int
    metric: str
    method: int
    units: frozenset[int] | None
    position: int
    before: tuple[int, ...]
    columns: tuple[str, ...]
    minimum: int


class _Ask:
    """The source, passed beside the key of the cache and not part of it."""

    def __init__(self, source: Source, keys: tuple[str, ...]) -> None:
        self.source, self.keys = source, keys
        self.columns = tuple(source.slices[key].column for key in keys)

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ask)

    def people(self, as_of: int) -> People:
        return People(
            yearly=self.source.people(("year", *self.columns), as_of=as_of),
            quarterly=self.source.people(("quarter", *self.columns), as_of=as_of),
            monthly=self.source.people(("month", *self.columns), as_of=as_of),
        )


@lru_cache(maxsize=128)
def _withholding(known: _Known, ask: _Ask) -> Withholding:
    coarser = [curtain(ask.source, [k for k in ask.keys if k != left_out]) for left_out in ask.keys]
    return Withholding(
        now=ask.people(known.position),
        before=[ask.people(position) for position in known.before],
        minimum=known.minimum,
        coarser=tuple(one.withholding for one in coarser if one.withholding is not None),
    )
