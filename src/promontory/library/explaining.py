"""Why did the score move: within the segments, or by the mix of who answered?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from promontory.errors import BadInput
from promontory.library.comparing import Side, counted_side, estimates
from promontory.library.counting import Counted
from promontory.library.periods import parse
from promontory.library.request import Options, metric_of, resolve
from promontory.library.results import Change
from promontory.library.show import cell
from promontory.measurement import Metric, Tally
from promontory.measurement.decomposition import explain_change as explain
from promontory.measurement.mixshift import ClusterSegments

Key = str | tuple[str, ...]


def explain_change(
    before: Any,
    after: Any = None,
    *,
    by: str | Sequence[str],
    periods: tuple[str, str] | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    metric: Metric | str = "nps",
    level: float = 0.95,
    options: Options | None = None,
) -> Change:
    """Return what moved the score between two sources, by segment: change within, change of mix.

    `before` and `after` are sources as for `score`; or one source and `periods=("2026-01",
    "2026-02")`. `by` names the segment's columns (several: their crossing, and how much of the mix
    each attribute explains). The parts add up to the change exactly; where the same people
    answered both times the errors are a jackknife over people.
    """
    base = options or Options()
    chosen = metric_of(metric, base.scale)
    names = (by,) if isinstance(by, str) else tuple(by)
    if (after is None) == (periods is None):
        raise BadInput(
            "A change needs two sources, or one source and two periods.",
            remedy="Write explain_change(before, after, by=…) or periods=(…, …).",
        )
    if periods is not None:
        sources = [(before, replace(base, period=parse(period))) for period in periods]
    else:
        sources = [(before, base), (after, base)]
    requests = [
        resolve(source, by=names, weights=weights, cluster=cluster, metric=chosen, options=chosen_)
        for source, chosen_ in sources
    ]
    (old, old_counted), (new, new_counted) = (counted_side(request) for request in requests)
    for side in (old, new):
        if not side.tally.base:
            raise BadInput(
                f"There are no answers to explain in {side.name}.",
                remedy="Look at the periods and filters.",
            )
    cells = [_cells(counted) for counted in (old_counted, new_counted)]
    accounts, common = _accounts(old, new, cells, len(names))
    notes = []
    if common:
        notes.append(
            f"{common:,} answered both times: errors are a jackknife over those who answered."
        )
    found = explain(cells[0], cells[1], chosen, names=names, level=level, accounts=accounts)
    was, now = estimates((old, new), chosen, level)
    readings = (old.read, new.read)
    return Change(found, was, now, names, readings, tuple(notes))


def _cells(counted: Counted) -> dict[Key, Tally]:
    return {_key(key): tally for key, tally in counted.groups.items()}


def _key(key: Sequence[str | None]) -> Key:
    parts = tuple(cell(part) for part in key)
    return parts[0] if len(parts) == 1 else parts


def _accounts(
    old: Side, new: Side, cells: Sequence[dict[Key, Tally]], dimensions: int
) -> tuple[ClusterSegments | None, int]:
    """Everybody's sums per segment and side, if anybody answered on both sides."""
    if old.members is None or new.members is None:
        return None, 0
    keys = sorted({*cells[0], *cells[1]}, key=lambda k: k if isinstance(k, tuple) else (k,))
    places = {key: place for place, key in enumerate(keys)}
    sums: dict[tuple[str, int], list[float]] = {}
    people: list[set[str]] = []
    for offset, side in ((0, old), (2, new)):
        people.append(set())
        for key, person, T, W in _rows(side.members, dimensions):
            people[-1].add(person)
            row = sums.setdefault((person, places[key]), [0.0, 0.0, 0.0, 0.0])
            row[offset] += T
            row[offset + 1] += W
    common = len(people[0] & people[1])
    known = all(_all_known(side) for side in (old, new))
    if not common or not known:
        return None, 0
    numbers = {person: n for n, person in enumerate(sorted(people[0] | people[1]))}
    values = np.array(list(sums.values()))
    return ClusterSegments(
        np.array([numbers[person] for person, _ in sums], dtype=np.int64),
        np.array([place for _, place in sums], dtype=np.int64),
        values[:, 0], values[:, 1], values[:, 2], values[:, 3],
    ), common  # fmt: skip


def _rows(members: pa.Table, dimensions: int) -> Any:
    groups = [members.column(f"g{place}").to_pylist() for place in range(dimensions)]
    rest = [members.column(name).to_pylist() for name in ("cluster", "T", "W")]
    for *names, person, T, W in zip(*groups, *rest, strict=True):
        yield _key([(n or "").strip() or None for n in names]), person, T, W


def _all_known(side: Side) -> bool:
    """Whether every answer has somebody behind it: a jackknife over people needs that."""
    assert side.members is not None
    weight = sum(side.members.column("W").to_pylist())
    return bool(np.isclose(weight, float(side.tally.weight)))
