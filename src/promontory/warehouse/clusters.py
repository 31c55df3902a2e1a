"""Clusters in memory: people and accounts numbered densely, so that grouping by them is counting.

Cluster ids are random 62-bit numbers; grouping ten million rows by them is what a clustered
question costs. A process that asks such questions keeps, per file, the dense number of each row's
cluster (four bytes a row, made at the first question, files being immutable), and adds up by
address. The answer is the same integers as the engine's own.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from promontory.warehouse.evaluate import Numbers, holds, key_of
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile
from promontory.warehouse.plan import Plan
from promontory.warehouse.question import By, Periods, Question, integers
from promontory.warehouse.scan import Portion

FEWEST, MOST = 500_000, 20_000_000
"""Rows of a question below which an engine is quick enough, and above which memory is dearer."""

BY_ADDRESS = 1 << 24
"""Sums kept side by side; where there would be more, rows are sorted instead."""


class ClusterNumbers:
    """The dense numbers of one cluster column, by file; an unknown cluster is its response."""

    def __init__(self, facts: Facts, column: str) -> None:
        self._facts, self._column = facts, column
        self._ids: Numbers = np.empty(0, np.int64)
        self._numbers: Numbers = np.empty(0, np.int32)
        self._files: dict[str, Numbers] = {}
        self._lock = threading.Lock()

    def of(self, files: list[FactFile]) -> tuple[dict[str, Numbers], int]:
        """Return the numbers of each file's rows, and how many numbers there are."""
        with self._lock:
            present = {file.name for file in self._facts.manifest().files}
            present |= {file.name for file in files}
            self._files = {name: kept for name, kept in self._files.items() if name in present}
            for file in files:
                if file.name not in self._files:
                    self._files[file.name] = self._number(file)
            return {file.name: self._files[file.name] for file in files}, self._ids.size

    def _number(self, file: FactFile) -> Numbers:
        columns = _read(self._facts, file, [self._column, "response"])
        ids = np.where(columns[self._column] == 0, -columns["response"], columns[self._column])
        distinct, place = np.unique(ids, return_inverse=True)
        at = np.searchsorted(self._ids, distinct)
        known = at < self._ids.size
        known[known] = self._ids[at[known]] == distinct[known]
        fresh = np.arange(self._ids.size, self._ids.size + int((~known).sum()), dtype=np.int32)
        self._ids = np.insert(self._ids, at[~known], distinct[~known])
        self._numbers = np.insert(self._numbers, at[~known], fresh)
        numbers: Numbers = self._numbers[np.searchsorted(self._ids, distinct)][place]
        return numbers


def count_clusters(facts: Facts, plan: Plan) -> pa.Table | None:
    """Return names, T, W, count of a clustered question; None if it is one for the engine."""
    question = plan.question
    rows = sum(portion.rows for portion in plan.portions)
    if question.weighted or question.cluster is None or not FEWEST <= rows <= MOST:
        return None
    unit = math.gcd(*question.points.values()) or 1
    radix = 1 << (2 * rows + 1).bit_length()
    largest = max(abs(points) for points in question.points.values()) // unit
    if (largest + 1) * radix * rows >= 1 << 53:  # sums in doubles would not be exact
        return None
    with facts.lock:
        numbers = facts.clusters.setdefault(
            question.cluster, ClusterNumbers(facts, question.cluster)
        )
    by_file, clusters = numbers.of(plan.files)
    spans = [_span(by, plan) for by in question.by]
    groups = math.prod(high - low + 1 for low, high in spans)
    if groups * max(clusters, 1) >= 1 << 50:  # room for the kinds of rows beside the slot
        return None
    plus = np.array([question.points[a] // unit * radix + 1 for a in question.answers])
    worth = np.concatenate([plus, -plus])
    found = [
        _histogram(*_sums(slots, kinds, worth, clusters), radix)
        for slots, kinds in _chunks(facts, plan, by_file, clusters, spans)
    ]
    group, t, w, count = (np.concatenate(part) for part in zip(*found, strict=True))
    keys: list[Numbers] = []
    for low, high in reversed(spans):
        keys.insert(0, group % (high - low + 1) + low)
        group = group // (high - low + 1)
    columns = [pa.array(values.astype(np.int64)) for values in (*keys, t * unit, w, count)]
    return pa.table(columns, schema=integers([*question.names, "T", "W", "count"]))


def _chunks(
    facts: Facts,
    plan: Plan,
    by_file: dict[str, Numbers],
    clusters: int,
    spans: list[tuple[int, int]],
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the slot (group and cluster) and the kind of rows, in parts that share no group.

    The kind is the answer's place in the question, after all the answers when the sign is −1.
    """
    each = [(file, portion) for portion in plan.portions for file in portion.files]
    apart = "month" in plan.question.by
    each.sort(key=lambda pair: pair[0].month)
    for _, part in groupby(each, key=lambda pair: pair[0].month if apart else 0):
        rows = [
            _rows(facts, file, portion, plan.question, by_file[file.name], clusters, spans)
            for file, portion in part
        ]
        slots, kinds = zip(*rows, strict=True)
        yield np.concatenate(slots), np.concatenate(kinds)


def _rows(
    facts: Facts,
    file: FactFile,
    portion: Portion,
    question: Question,
    numbers: Numbers,
    clusters: int,
    spans: list[tuple[int, int]],
) -> tuple[Numbers, Numbers]:
    """Return the slots and kinds of a file's rows that count."""
    names = {name for by in question.by for name in _sources(by)} | {"answer", "sign"}
    columns = _read(facts, file, sorted(names | {one.column for one in portion.conditions}))
    kept: Numbers = np.ones(file.rows, bool)
    for condition in portion.conditions:
        kept &= holds(condition, columns[condition.column])
    keys = [key_of(by, columns) for by in question.by]
    for by, key in zip(question.by, keys, strict=True):
        if isinstance(by, Periods):
            kept &= key >= 0
    rows = slice(None) if kept.all() else np.flatnonzero(kept)
    slots = np.zeros(file.rows, np.int64)[rows]
    for key, (low, high) in zip(keys, spans, strict=True):
        slots *= high - low + 1
        slots += key[rows] - low
    slots *= clusters
    slots += numbers[rows]
    least = min(question.answers)
    place = np.zeros(max(question.answers) - least + 1, np.int16)
    place[np.array(question.answers) - least] = np.arange(len(question.answers))
    kinds = place[columns["answer"][rows] - least]
    if file.bound("sign")[0] < 0:
        kinds += (columns["sign"][rows] < 0) * np.int16(len(question.answers))
    return slots, kinds


def _sums(slots: Numbers, kinds: Numbers, worth: Numbers, clusters: int) -> tuple[Numbers, Numbers]:
    """Return the group and the summed worth of every cluster that has one."""
    if not slots.size:
        return slots, slots
    first = int(slots.min()) // clusters * clusters
    size = int(slots.max()) + 1 - first
    if size <= BY_ADDRESS:
        sums = np.bincount(slots - first, worth.astype(np.float64)[kinds], size)
        at = np.flatnonzero(sums)
        return (at + first) // clusters, sums[at].astype(np.int64)
    bits = int(worth.size).bit_length()
    packed = slots << bits  # one sort of plain integers carries the kind along
    packed |= kinds
    packed.sort()
    slots = packed >> bits
    starts = np.flatnonzero(np.concatenate([[True], slots[1:] != slots[:-1]]))
    sums = np.add.reduceat(worth[packed & ((1 << bits) - 1)], starts)
    kept = sums != 0
    return slots[starts][kept] // clusters, sums[kept]


def _histogram(
    group: Numbers, packed: Numbers, radix: int
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return group, T, W and in how many clusters they occur."""
    half = radix >> 1
    w = (packed + half) % radix - half
    t = (packed - w) // radix
    if not group.size:
        return group, t, w, group
    low = [int(part.min()) for part in (group, w, t)]
    span = [int(part.max()) + 1 - least for part, least in zip((group, w, t), low, strict=True)]
    code = ((group - low[0]) * span[1] + (w - low[1])) * span[2] + (t - low[2])
    if math.prod(span) <= BY_ADDRESS:
        counts = np.bincount(code)
        code = np.flatnonzero(counts)
        counts = counts[code]
    else:
        code, counts = np.unique(code, return_counts=True)
    rest = code // span[2]
    return rest // span[1] + low[0], code % span[2] + low[2], rest % span[1] + low[1], counts


def _span(by: By, plan: Plan) -> tuple[int, int]:
    """Return the least and greatest group that the files can hold."""
    if isinstance(by, Periods):
        return 0, len(by.stretches) - 1
    ends = {}
    for name in _sources(by):
        bounds = [file.bound(name) for file in plan.files] or [(0, 0)]
        ends[name] = np.array([min(low for low, _ in bounds), max(high for _, high in bounds)])
    low, high = key_of(by, ends).tolist()
    return low, high


def _sources(by: By) -> tuple[str, ...]:
    if isinstance(by, Periods) or by == "week":
        return ("day",)
    return ("month",) if by in ("quarter", "year") else (by,)


def _read(facts: Facts, file: FactFile, names: list[str]) -> dict[str, Numbers]:
    there = [name for name in names if file.has(name)]
    table = pq.read_table(facts.path(file), columns=there, use_threads=False)
    columns = {name: table[name].to_numpy() for name in there}
    zeros = np.zeros(file.rows, np.int32)
    return {name: columns.get(name, zeros) for name in names}
