"""Signed rows to count, and a second, slow way of counting that shares nothing with the first."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from promontory.warehouse import Clear, In, Periods, Question, Range
from promontory.warehouse.schema import column_type

POINTS = {answer: -100 if answer <= 6 else 0 if answer <= 8 else 100 for answer in range(11)}
NPS = tuple(range(11))
EPOCH = dt.date(1970, 1, 1)

Row = dict[str, int]


def day(text: str) -> int:
    """Return the day number of an ISO date."""
    return (dt.date.fromisoformat(text) - EPOCH).days


def entry(position: int, **given: int) -> Row:
    """Return one answer that begins to count at a position."""
    usual = {"sign": 1, "day": day("2025-03-14"), "response": position, "survey": 1, "metric": 0}
    more = {"answer": 9, "d": 1_000_000, "g": 0, "person": 0, "account": 0, "mask": 0}
    rest = {"channel": 0, "language": 0, "unit": 0}
    return {"position": position, **usual, **more, **rest, **given}


def exclusion(position: int, row: Row, mask: int) -> list[Row]:
    """Return the two rows by which an answer ceases to count."""
    return [
        {**row, "position": position, "sign": -1},
        {**row, "position": position, "mask": mask},
    ]


def batch(rows: Iterable[Row]) -> pa.RecordBatch:
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    arrays = [pa.array([row.get(name, 0) for row in listed], column_type(name)) for name in names]
    return pa.RecordBatch.from_arrays(arrays, names=names)


def company(
    count: int, seed: int = 7, start: int = 1, attributes: tuple[str, ...] = ()
) -> list[Row]:
    """Return the rows of a small company: answers of every kind, some excluded later."""
    rng = random.Random(seed)
    rows: list[Row] = []
    position = start
    while len(rows) < count:
        row = entry(
            position,
            day=day("2024-11-20") + rng.randrange(200),
            survey=rng.choice((1, 1, 2)),
            metric=rng.choice((0, 0, 0, 3)),
            answer=rng.randrange(-1, 11),
            channel=rng.randrange(3),
            unit=rng.randrange(4),
            d=rng.choice((1_000_000, 1_000_000, 2_500_000)),
            g=rng.randrange(3),
            person=rng.choice((0, 0, rng.randrange(1, 60) * 10**16)),
            account=rng.choice((0, rng.randrange(1, 9) * 10**15)),
            a1=rng.randrange(4),
            **{name: rng.randrange(3) for name in attributes},
        )
        rows.append(row)
        position += 1
        if rng.random() < 0.2:
            rows += exclusion(
                position,
                rng.choice([r for r in rows if r["mask"] == 0]) | {"sign": 1},
                rng.choice((1, 2, 6)),
            )
            position += 1
    return rows


def recount(rows: list[Row], question: Question) -> dict[tuple[int, ...], int]:
    """Return the cells of a question, counted row by row."""
    cells: Counter[tuple[int, ...]] = Counter()
    for row in rows:
        group = _group(row, question)
        if group is not None and _counts(row, question):
            weights = (row["d"], row["g"]) if question.weighted else ()
            cells[(*group, row["answer"], *weights)] += row["sign"]
    return {cell: n for cell, n in cells.items() if n}


def recount_clusters(rows: list[Row], question: Question) -> dict[tuple[int, ...], int]:
    """Return the clusters of a question by group, T and W, counted row by row."""
    totals: dict[tuple[int, ...], list[int]] = {}
    for row in rows:
        group = _group(row, question)
        if group is None or not _counts(row, question):
            continue
        weight = row["sign"]
        if question.weighted:
            weight *= row["d"] * question.factors.get(row["g"], 1_000_000)
        cluster = row[question.cluster or ""] or -row["response"]
        total = totals.setdefault((*group, cluster), [0, 0])
        total[0] += weight * question.points[row["answer"]]
        total[1] += weight
    found = Counter((*key[:-1], *total) for key, total in totals.items() if any(total))
    return dict(found)


def found(table: pa.Table) -> dict[tuple[int, ...], int]:
    """Return an answer's table as the recounts write it; the last column is the count."""
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert len({row[:-1] for row in rows}) == len(rows)
    return {row[:-1]: row[-1] for row in rows}


def _counts(row: Row, question: Question) -> bool:
    if question.as_of is not None and row["position"] > question.as_of:
        return False
    kept = row["answer"] in question.answers and not row["mask"] & question.excluding
    return kept and all(_holds(row, condition) for condition in question.where)


def _holds(row: Row, condition: Any) -> bool:
    value = row.get(condition.column, 0)
    if isinstance(condition, In):
        return value in condition.values
    if isinstance(condition, Range):
        low = value if condition.low is None else condition.low
        return low <= value <= (value if condition.high is None else condition.high)
    assert isinstance(condition, Clear)
    return not value & condition.bits


def _group(row: Row, question: Question) -> tuple[int, ...] | None:
    date = EPOCH + dt.timedelta(days=row["day"])
    month = (date.year - 1970) * 12 + date.month - 1
    words = {
        "month": month,
        "quarter": month - (date.month - 1) % 3,
        "year": month - (date.month - 1),
        "week": row["day"] - date.weekday(),
    }
    group = []
    for by in question.by:
        if isinstance(by, Periods):
            inside = [i for i, (a, z) in enumerate(by.stretches) if a <= row["day"] <= z]
            if not inside:
                return None
            group += inside
        else:
            group.append(words.get(by, row.get(by, 0)))
    return tuple(group)
