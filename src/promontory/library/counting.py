"""From a relation to tallies: the only thing that crosses from data to statistics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from promontory.errors import BadInput, Place
from promontory.library.relation import WEIGHT_BAD, WEIGHT_OK, WEIGHT_ZERO, Relation
from promontory.library.request import Request
from promontory.measurement import ClusterTally, Tally
from promontory.tables.values import Answer, Counts, Finding, Scale, Verdict, answer, read_scale

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: tallies in all and per group, clusters if there are any, and the rest."""

    total: Tally
    groups: dict[Key, Tally]
    clusters: ClusterTally | None
    group_clusters: dict[Key, ClusterTally]
    rows: int
    verdicts: Counts
    notes: tuple[str, ...] = ()
    scale_question: str = ""
    members: pa.Table | None = None


@dataclass(slots=True)
class _Cell:
    """One distinct (group, raw answer): people, Σw, Σw² and where it stands first."""

    key: Key
    raw: Any
    n: int
    w: float
    w2: float
    first_row: int | None


def count(request: Request, *, members: bool = False) -> Counted:
    """Count what was asked for. Everything left out is in `verdicts`, with its first places.

    With `members`, the sums of every cluster are kept too: who answered in both of two files, or
    in several groups, can only be told from them.
    """
    relation = Relation(request)
    verdicts = relation.row_counts
    cells, states = _cells(relation)
    judged = {_hashable(cell.raw): answer(cell.raw, request.scale) for cell in cells}
    groups: dict[Key, list[_Cell]] = {}
    refused: list[_Cell] = []
    for cell in cells:
        verdict = judged[_hashable(cell.raw)].verdict
        if verdict is Verdict.OK:
            groups.setdefault(cell.key, []).append(cell)
            verdicts.add(Verdict.OK, cell.n)
        else:
            verdicts.add(verdict, cell.n)
            if verdict.refused:
                refused.append(cell)
    _examples(relation, refused, judged, verdicts)
    notes = list(_weight_notes(states, verdicts, request))
    _refuse_if_asked(request, verdicts)
    left_out = relation.filtered
    if relation.in_place:
        left_out = relation.rows_read - sum(states.values())
    if left_out:
        notes.append(f"{left_out:,} rows are left out by the filters.")
    if relation.outside_period and request.options.period:
        notes.append(f"{relation.outside_period:,} answers lie outside {request.options.period}.")
    tallies = {key: _tally(members, judged, request) for key, members in groups.items()}
    total = sum(tallies.values(), Tally())
    clusters, by_group, cluster_notes = _clusters(relation, cells, judged, total)
    asked = _scale_question(request, total)
    return Counted(
        total=total,
        groups=tallies if request.by else {},
        clusters=clusters,
        group_clusters=by_group,
        rows=relation.rows_read,
        verdicts=verdicts,
        notes=(*request.table.notes, *notes, *cluster_notes),
        scale_question=asked,
        members=_members(relation) if members and clusters is not None else None,
    )


def _scale_question(request: Request, total: Tally) -> str:
    """What the answers themselves put in doubt about the scale that was taken."""
    if request.options.scale is not None or not total.base:
        return ""
    if request.scale == Scale(0, 10):
        return read_scale(total.n).question
    lowest, highest = (total.n.get(end, 0) for end in request.metric.scale)
    if lowest > 0.4 * total.base and lowest > 2 * highest:
        return (
            f"{lowest / total.base:.0%} of the answers are {request.scale.low}. Is that the best"
            " answer in this file? Then the score is upside down."
        )
    return ""


def _cells(relation: Relation) -> tuple[list[_Cell], dict[int, int]]:
    keys = ", ".join(["raw", *relation.groups])
    found = relation.fetch(
        f"SELECT {keys}, state, sum(n), sum(w), sum(w2), min(first_row) FROM rows"
        f" GROUP BY {keys}, state ORDER BY {keys}, state"
    )
    cells: dict[tuple[Any, Key], _Cell] = {}
    states: dict[int, int] = {}
    for raw, *rest in found:
        *key_cells, state, n, w, w2, first_row = rest
        states[state] = states.get(state, 0) + int(n)
        if state != WEIGHT_OK:
            continue
        key = tuple(_group_name(cell) for cell in key_cells)
        known = cells.setdefault((_hashable(raw), key), _Cell(key, raw, 0, 0, 0, first_row))
        known.n += int(n)
        known.w += w
        known.w2 += w2
    return list(cells.values()), states


def _group_name(cell: Any) -> str | None:
    """A group's name as text; blanks and nulls are one group, of those who gave none."""
    text = "" if cell is None or cell != cell else str(cell).strip()
    return text or None


def _hashable(raw: Any) -> Any:
    # 9, 9.0 and True are one key to a dictionary, but not one answer.
    return type(raw).__name__, raw if raw == raw else None


def _tally(members: Iterable[_Cell], judged: dict[Any, Answer], request: Request) -> Tally:
    n: dict[int, int] = {}
    w: dict[int, float] = {}
    w2: dict[int, float] = {}
    for cell in members:
        value = judged[_hashable(cell.raw)].value
        if value is None:
            continue
        n[value] = n.get(value, 0) + cell.n
        w[value] = w.get(value, 0) + cell.w
        w2[value] = w2.get(value, 0) + cell.w2
    return Tally(n) if request.weight is None else Tally(n, w, w2)


def _examples(
    relation: Relation, refused: list[_Cell], judged: dict[Any, Answer], verdicts: Counts
) -> None:
    column = relation.request.score
    placed = [(c.first_row, c.raw) for c in refused if c.first_row is not None]
    if not placed:
        placed = [*relation.first_rows([cell.raw for cell in refused], 50)]
    for row, raw in sorted(placed, key=lambda item: item[0] or 0):
        verdict = judged.get(_hashable(raw))
        if verdict is not None:
            verdicts.example(Finding(verdict.verdict, row, column, str(raw)))


def _weight_notes(states: dict[int, int], verdicts: Counts, request: Request) -> Iterable[str]:
    if bad := states.get(WEIGHT_BAD, 0):
        verdicts.add(Verdict.MISSING_WEIGHT, bad)
        verdicts.example(Finding(Verdict.MISSING_WEIGHT, None, request.weight or ""))
    if zero := states.get(WEIGHT_ZERO, 0):
        yield f"{zero:,} rows weigh 0 and do not count."


def _refuse_if_asked(request: Request, verdicts: Counts) -> None:
    if request.options.errors != "refuse" or not verdicts.refused:
        return
    examples = [e for found in verdicts.examples.values() for e in found if e.verdict.refused]
    first = min(examples, key=lambda e: e.row or 0)
    raise BadInput(
        f"“{first.raw}” {first.verdict.sentence}; {verdicts.refused:,} rows could not be counted.",
        remedy=first.verdict.remedy,
        place=Place(first.row, first.column, request.table.name),
    )


def _clusters(
    relation: Relation, cells: list[_Cell], judged: dict[Any, Answer], total: Tally
) -> tuple[ClusterTally | None, dict[Key, ClusterTally], list[str]]:
    """Who answered more than once: histograms of (Σ w·y, Σ w) in all and per group."""
    request = relation.request
    if request.cluster is None or not total.base:
        return None, {}, []
    _points_table(relation, cells, judged)
    known = "cluster IS NOT NULL"
    groups = relation.groups
    sums = "sum(points * w) AS T, sum(w) AS W"
    joined = f"FROM rows JOIN points USING (raw) WHERE state = {WEIGHT_OK} AND"
    listed = "".join(f"{name}, " for name in groups)
    by_listed = f"{listed}cluster"
    # Answers of nobody known are clusters of one each; they are counted, not grouped.
    alone = (
        f"SELECT {listed}points * w AS T, w AS W, sum(n) AS c {joined} cluster IS NULL GROUP BY ALL"
    )
    relation.engine.execute(
        f"CREATE TEMP TABLE pairs AS SELECT {by_listed}, {sums} {joined} {known}"
        f" GROUP BY {by_listed}"
    )
    overall = (
        "SELECT T, W, 1 AS c FROM pairs" if not groups
        else "SELECT sum(T) AS T, sum(W) AS W, 1 AS c FROM pairs GROUP BY cluster"
    )  # fmt: skip
    alone_overall = alone.replace(f"SELECT {listed}", "SELECT ")
    histogram = relation.fetch(
        f"SELECT T, W, sum(c) FROM ({overall} UNION ALL {alone_overall}) GROUP BY T, W"
    )
    whole = _histogram(histogram)
    if whole.clusters == total.base and not request.cluster_declared:
        return None, {}, []
    by_group: dict[Key, list[tuple[Any, ...]]] = {}
    if groups:
        rows = relation.fetch(
            f"SELECT {listed}T, W, sum(c) FROM (SELECT {listed}T, W, 1 AS c FROM pairs"
            f" UNION ALL {alone}) GROUP BY {listed}T, W"
        )
        for row in rows:
            key = tuple(_group_name(cell) for cell in row[: len(groups)])
            by_group.setdefault(key, []).append(row[len(groups) :])
    notes = []
    if not request.cluster_declared:
        notes.append(
            f"“{request.cluster}” repeats: {total.base:,} answers of {whole.clusters:,}; answers of"
            " one are not independent, so intervals are clustered by it."
        )
    return whole, {key: _histogram(rows) for key, rows in by_group.items()}, notes


def _members(relation: Relation) -> pa.Table:
    """Σ w·y and Σ w of every known cluster in every group: g0…, cluster (as text), T, W."""
    listed = "".join(f"CAST({name} AS VARCHAR) AS {name}, " for name in relation.groups)
    return relation.engine.sql(
        f"SELECT {listed}CAST(cluster AS VARCHAR) AS cluster, T::DOUBLE AS T, W::DOUBLE AS W"
        " FROM pairs"
    ).to_arrow_table()


def _points_table(relation: Relation, cells: list[_Cell], judged: dict[Any, Answer]) -> None:
    points = relation.request.metric.points
    raws: dict[Any, tuple[Any, int]] = {}
    for cell in cells:
        value = judged[_hashable(cell.raw)].value
        if value is not None:
            raws[_hashable(cell.raw)] = (cell.raw, points[value])
    kinds = relation.engine.sql("SELECT raw FROM rows LIMIT 0").to_arrow_table().schema
    kind = kinds.field("raw").type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    table = pa.table(
        {
            "raw": pa.array([raw for raw, _ in raws.values()], kind),
            "points": pa.array([p for _, p in raws.values()], pa.int64()),
        }
    )
    relation.engine.register("points_in", table)
    relation.engine.execute("CREATE TEMP TABLE points AS SELECT * FROM points_in")
    relation.engine.unregister("points_in")


def _histogram(rows: list[tuple[Any, ...]]) -> ClusterTally:
    T = np.array([float(row[0]) for row in rows])
    W = np.array([float(row[1]) for row in rows])
    return ClusterTally.merged(T, W, np.array([int(row[2]) for row in rows], dtype=np.int64))
