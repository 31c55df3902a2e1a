"""Is the difference real? Two sources, two periods, or the groups of one source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from promontory.errors import BadInput
from promontory.library.counting import Counted, count
from promontory.library.periods import parse
from promontory.library.request import Options, Request, metric_of, resolve
from promontory.library.results import Comparison, Pair, Reading
from promontory.library.scoring import as_tally, reading
from promontory.library.show import group_name
from promontory.measurement import ClusterTally, Difference, Estimate, Metric, Tally
from promontory.measurement import difference as difference_of
from promontory.measurement import score as estimate_of
from promontory.measurement.inference.multiplicity import benjamini_hochberg
from promontory.measurement.inference.paired import PairTally, paired_difference

MOST_GROUPS = 12


class Side:
    """One side of a comparison: a name, its tally, and who is behind it."""

    def __init__(
        self,
        name: str,
        tally: Tally,
        clusters: ClusterTally | None = None,
        members: pa.Table | None = None,
        read: Reading | None = None,
    ) -> None:
        self.name = name
        self.tally = tally
        self.clusters = clusters
        self.members = members
        self.read = read or Reading(name)


def compare(
    a: Any,
    b: Any = None,
    *,
    by: str | None = None,
    before: str | None = None,
    after: str | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    metric: Metric | str = "nps",
    level: float = 0.95,
    options: Options | None = None,
) -> Comparison:
    """Return scores side by side and the interval of their difference.

    Compare two sources (`compare(old, new)`), two periods of one (`before="2026-01",
    after="2026-02"`), or the groups of one (`by="region"`; more than two are compared in pairs and
    their p-values adjusted for it). Where the same people answered on both sides, the test pairs
    them.

    >>> import promontory as pm
    >>> pm.compare({10: 40, 3: 60}, {10: 70, 3: 30}).difference.significant
    True
    """
    chosen = metric_of(metric, options.scale if options else None)
    sides, notes = sides_of(
        a, b, by=by, before=before, after=after, weights=weights, cluster=cluster, metric=chosen,
        options=options or Options(),
    )  # fmt: skip
    scores = {
        side.name: estimate_of(side.tally, chosen, level=level, clusters=side.clusters)
        for side in sides
    }
    pairs = []
    for first, second in combinations(sides, 2):
        found, common = _difference(first, second, chosen, level)
        pairs.append(Pair(first.name, second.name, found))
        if common:
            notes.append(
                f"{common:,} answered both in {first.name} and {second.name}; the test pairs their"
                " answers instead of taking the sides as independent."
            )
    if len(pairs) > 1:
        p_values = [np.nan if p.difference.p_value is None else p.difference.p_value for p in pairs]
        adjusted = benjamini_hochberg(p_values)
        pairs = [
            replace(pair, adjusted=None if np.isnan(p) else float(p))
            for pair, p in zip(pairs, adjusted, strict=True)
        ]
    readings = {id(side.read): side.read for side in sides}
    return Comparison(scores, tuple(pairs), tuple(readings.values()), tuple(notes))


def sides_of(
    a: Any,
    b: Any,
    *,
    by: str | None,
    before: str | None,
    after: str | None,
    weights: str | None,
    cluster: str | None,
    metric: Metric,
    options: Options,
) -> tuple[list[Side], list[str]]:
    """The sides that were asked to be compared."""

    def resolved(source: Any, chosen: Options, by_: str | None = None) -> Request:
        return resolve(
            source, by=by_, weights=weights, cluster=cluster, metric=metric, options=chosen
        )

    ways = sum((b is not None, by is not None, before is not None or after is not None))
    if ways != 1 or (before is None) != (after is None):
        raise BadInput(
            "It is not clear what to compare.",
            remedy="Give two sources, or one with by=, or one with before= and after=.",
        )
    if before is not None and after is not None:
        requests = [
            (period, resolved(a, replace(options, period=parse(period))))
            for period in (before, after)
        ]
        return [_side(name, request) for name, request in requests], []
    if by is None:
        sides = []
        for source, fallback in ((a, "before"), (b, "after")):
            if (tally := as_tally(source)) is not None:
                sides.append(Side(fallback, tally))
            else:
                sides.append(_side("", resolved(source, options), fallback))
        if sides[0].name == sides[1].name:
            sides[0].name, sides[1].name = "before", "after"
        return sides, []
    request = resolved(a, options, by)
    counted = count(request, members=True)
    if not 2 <= len(counted.groups) <= MOST_GROUPS:
        raise BadInput(
            f"“{by}” has {len(counted.groups)} groups with answers; between 2 and {MOST_GROUPS} can"
            " be compared.",
            remedy="Choose groups with --where, or use score --by for a table.",
        )
    read = reading(request, counted)
    return [
        Side(
            group_name(key), tally, counted.group_clusters.get(key),
            _members_of(counted.members, key[0]), read,
        )
        for key, tally in sorted(counted.groups.items(), key=lambda item: group_name(item[0]))
    ], []  # fmt: skip


def _side(name: str, request: Request, fallback: str = "") -> Side:
    counted = count(request, members=True)
    label = name or (request.table.name if request.table.path else fallback)
    return Side(label, counted.total, counted.clusters, counted.members, reading(request, counted))


def _members_of(members: pa.Table | None, name: str | None) -> pa.Table | None:
    if members is None:
        return None
    import pyarrow.compute as pc

    column = pc.utf8_trim_whitespace(pc.fill_null(members.column("g0"), ""))
    return members.filter(pc.equal(column, name or ""))


def _difference(a: Side, b: Side, metric: Metric, level: float) -> tuple[Difference, int]:
    """The difference of two sides, and how many people it pairs."""
    if a.members is not None and b.members is not None and a.tally.base and b.tally.base:
        pairs, common = paired(a, b)
        if common:
            return paired_difference(a.tally, b.tally, pairs, metric, level=level), common
    if a.clusters is None and b.clusters is None:
        return difference_of(a.tally, b.tally, metric, level=level), 0
    before, after = (side.clusters or singles(side.tally, metric) for side in (a, b))
    found = difference_of(
        a.tally, b.tally, metric, level=level, clusters_before=before, clusters_after=after
    )
    return found, 0


def singles(tally: Tally, metric: Metric) -> ClusterTally:
    """Every answer as a cluster of its own."""
    answers = list(tally.n)
    mean = np.array([float(tally.w[k]) / tally.n[k] for k in answers])
    points = np.array([float(metric.points[k]) for k in answers])
    return ClusterTally.merged(points * mean, mean, np.array([tally.n[k] for k in answers]))


def paired(a: Side, b: Side) -> tuple[PairTally, int]:
    """Everybody's sums on both sides, and how many answered on both."""
    import duckdb

    engine = duckdb.connect()
    for name, side in (("a", a), ("b", b)):
        assert side.members is not None
        engine.register(name, side.members)
    rows = engine.execute(
        "SELECT coalesce(a.T, 0), coalesce(a.W, 0), coalesce(b.T, 0), coalesce(b.W, 0), count(*)"
        " FROM (SELECT cluster, sum(T) AS T, sum(W) AS W FROM a GROUP BY cluster) AS a FULL JOIN"
        " (SELECT cluster, sum(T) AS T, sum(W) AS W FROM b GROUP BY cluster) AS b USING (cluster)"
        " GROUP BY ALL"
    ).fetchall()
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    common = int(columns[4][(columns[1] > 0) & (columns[3] > 0)].sum())
    return PairTally(*_with_unknown(columns, a, b)), common


def _with_unknown(
    columns: np.ndarray[Any, Any], a: Side, b: Side
) -> Sequence[np.ndarray[Any, Any]]:
    """The pairs, and those answers of nobody known, whom only the cluster tallies count."""
    parts = [columns]
    for side, place in ((a, 0), (b, 2)):
        if side.clusters is None:
            continue
        known = columns[:, columns[place + 1] > 0]
        found: dict[tuple[float, float], float] = {}
        for T, W, n in zip(known[place], known[place + 1], known[4], strict=True):
            found[T, W] = found.get((T, W), 0.0) + n
        for T, W, n in zip(side.clusters.T, side.clusters.W, side.clusters.count, strict=True):
            rest = float(n) - found.get((float(T), float(W)), 0.0)
            if rest > 0:
                extra = np.zeros((5, 1))
                extra[place], extra[place + 1], extra[4] = T, W, rest
                parts.append(extra)
    return list(np.hstack(parts))


def estimates(sides: Sequence[Side], metric: Metric, level: float) -> list[Estimate]:
    """The score of each side."""
    return [estimate_of(side.tally, metric, level=level, clusters=side.clusters) for side in sides]


def counted_side(request: Request) -> tuple[Side, Counted]:
    """A side with all that was counted for it, groups included."""
    counted = count(request, members=True)
    side = Side(
        request.table.name, counted.total, counted.clusters, counted.members,
        reading(request, counted),
    )  # fmt: skip
    return side, counted
