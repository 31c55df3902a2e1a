"""Clusters in memory: people and accounts numbered densely, so that grouping by them is counting.

Cluster ids are random 62-bit numbers; grouping ten million rows by them is what a clustered
question costs. `clusterfile` keeps, per file, the dense number of each row's cluster, in the
clusters' order; what it does not hold yet is numbered at the first question and kept in memory.
Rows are then added up by address, or sorted, which is quick for they nearly are. The answer is the
same integers as the engine's own.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from promontory.warehouse.clusterfile import in_cluster_order, load_numbers
from promontory.warehouse.evaluate import Numbers, holds, key_of
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile, Manifest
from promontory.warehouse.plan import Plan
from promontory.warehouse.question import By, Periods, Question, integers
from promontory.warehouse.scan import Portion

FEWEST, MOST = 500_000, 20_000_000
"""Rows of a question below which an engine is quick enough, and above which memory is dearer."""

BY_ADDRESS = 1 << 24
"""Sums kept side by side; where there would be more, rows are sorted instead."""

DENSE = 8
"""Sums kept side by side for each row at most: rows that are nearly sorted are quick to sort."""

InOrder = tuple[Numbers, Numbers]
"""The numbers of a file's clusters, and the rows they stand for."""


@dataclass(frozen=True, slots=True)
class Part:
    """Files counted together, for they share no group with others, and the groups they can hold."""

    files: list[tuple[FactFile, Portion]]
    spans: list[tuple[int, int]]

    @property
    def groups(self) -> int:
        return math.prod(high - low + 1 for low, high in self.spans)


class ClusterNumbers:
    """The dense numbers of one cluster column, by file; an unknown cluster is its response.

    What the manifest's own numbers hold is mapped; files that came later are numbered here.
    """

    def __init__(self, facts: Facts, column: str) -> None:
        self._facts, self._column = facts, column
        self._lock = threading.Lock()
        self._files: dict[str, InOrder] = {}
        self._start(None)

    def of(self, files: list[FactFile], manifest: Manifest) -> tuple[dict[str, InOrder], int]:
        """Return each file's numbers and the rows they stand for, and how many numbers there are.

        The rows are all the file's, in an order that keeps those of a cluster together.
        """
        with self._lock:
            entry = (manifest.clusters or {}).get(self._column)
            if self._entry != entry:
                self._start(entry)
            present = {file.name for file in manifest.files}
            self._files = {name: kept for name, kept in self._files.items() if name in present}
            for file in files:
                if file.name not in self._files:
                    self._files[file.name] = self._number(file)
            clusters = self._stored.size + self._later.size
            return {file.name: self._files[file.name] for file in files}, clusters

    def _start(self, entry: Mapping[str, Any] | None) -> None:
        stored: Numbers = np.empty(0, np.int64)
        files: dict[str, InOrder] = {}
        if entry is not None:
            stored, files = load_numbers(self._facts, entry)
        self._entry, self._stored, self._files = entry, stored, files
        self._later: Numbers = np.empty(0, np.int64)  # ids that are not stored, and their numbers
        self._numbers: Numbers = np.empty(0, np.int32)

    def _number(self, file: FactFile) -> InOrder:
        distinct, counts, rows = in_cluster_order(self._facts, file, self._column)
        number, known = _places(self._stored, distinct)
        strangers = distinct[~known]
        at, known_later = _places(self._later, strangers)
        first = self._stored.size + self._later.size
        fresh = np.arange(first, first + int((~known_later).sum()), dtype=np.int32)
        self._later = np.insert(self._later, at[~known_later], strangers[~known_later])
        self._numbers = np.insert(self._numbers, at[~known_later], fresh)
        number[~known] = self._numbers[np.searchsorted(self._later, strangers)]
        return np.repeat(number.astype(np.int32), counts), rows


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
    by_file, clusters = numbers.of(plan.files, plan.manifest)
    parts = _parts(plan)
    if max((part.groups for part in parts), default=1) * max(clusters, 1) >= 1 << 50:
        return None  # no room for the kind of row beside the slot
    plus = np.array([question.points[a] // unit * radix + 1 for a in question.answers])
    worth = np.concatenate([plus, -plus])
    found: list[list[Numbers]] = [[np.empty(0, np.int64)] * (len(question.by) + 3)]
    for part in parts:
        packed = [
            _rows(facts, file, portion, question, by_file[file.name], part)
            for file, portion in part.files
        ]
        group, t, w, count = _histogram(*_sums(np.concatenate(packed), worth, part.groups), radix)
        found.append([*_keys(group, part.spans), t * unit, w, count])
    columns = [np.concatenate(values).astype(np.int64) for values in zip(*found, strict=True)]
    names = [*question.names, "T", "W", "count"]
    return pa.table([pa.array(values) for values in columns], schema=integers(names))


def _parts(plan: Plan) -> list[Part]:
    """Return what can be counted by itself: every month when it is asked by month, or all."""
    each = [(file, portion) for portion in plan.portions for file in portion.files]
    apart = "month" in plan.question.by
    each.sort(key=lambda pair: pair[0].month)
    parts = [
        list(files) for _, files in groupby(each, key=lambda pair: pair[0].month if apart else 0)
    ]
    return [
        Part(files, [_span(by, [file for file, _ in files]) for by in plan.question.by])
        for files in parts
    ]


def _rows(
    facts: Facts,
    file: FactFile,
    portion: Portion,
    question: Question,
    in_order: InOrder,
    part: Part,
) -> Numbers:
    """Return cluster, group and kind of a file's rows that count, packed, mostly ascending.

    The kind is the answer's place in the question, after all the answers when the sign is −1.
    """
    names = {name for by in question.by for name in _sources(by)} | {"answer", "sign"}
    columns = _read(facts, file, sorted(names | {one.column for one in portion.conditions}))
    kept: Numbers = np.ones(file.rows, bool)
    for condition in portion.conditions:
        kept &= holds(condition, columns[condition.column])
    bits = _bits(2 * len(question.answers))
    small = np.int32 if part.groups << bits < 1 << 31 else np.int64
    code: Numbers = np.zeros(file.rows, small)
    for by, (low, high) in zip(question.by, part.spans, strict=True):
        if low == high and not isinstance(by, Periods):
            continue
        key = key_of(by, columns)
        if isinstance(by, Periods):
            kept &= key >= 0
        code *= small(high - low + 1)
        code += (key - low).astype(small)
    code <<= bits
    least, most = min(question.answers), max(question.answers)
    place: Numbers = np.zeros(most - least + 1, small)
    place[np.array(question.answers) - least] = np.arange(len(question.answers))
    code += place[np.clip(columns["answer"], least, most) - least]
    if file.bound("sign")[0] < 0:
        code += (columns["sign"] < 0) * small(len(question.answers))
    number, row = in_order
    if not kept.all():
        among = kept[row]
        number, row = number[among], row[among]
    packed: Numbers = number.astype(np.int64)
    packed *= part.groups << bits
    packed += code[row]
    return packed


def _sums(packed: Numbers, worth: Numbers, groups: int) -> tuple[Numbers, Numbers]:
    """Return the group and the summed worth of every cluster that has one."""
    if not packed.size:
        return packed, packed
    bits = _bits(worth.size)
    kinds = (1 << bits) - 1
    first = (int(packed.min()) >> bits) // groups * groups
    size = (int(packed.max()) >> bits) + 1 - first
    if size <= min(BY_ADDRESS, DENSE * packed.size):
        worths = worth.astype(np.float64)[packed & kinds]
        packed >>= bits
        packed -= first
        sums = np.bincount(packed, worths, size)
        slots = np.flatnonzero(sums != 0)
        sums = sums[slots].astype(np.int64)
    else:
        packed.sort(kind="stable")  # which makes use of the runs that are in order already
        slots = packed >> bits
        starts = np.flatnonzero(np.concatenate([[True], slots[1:] != slots[:-1]]))
        sums = np.add.reduceat(worth[packed & kinds], starts)
        slots = slots[starts[sums != 0]]
        sums = sums[sums != 0]
    return slots - slots // groups * groups, sums


def _keys(group: Numbers, spans: list[tuple[int, int]]) -> list[Numbers]:
    """Return the value of each grouping of groups."""
    keys: list[Numbers] = []
    for low, high in reversed(spans):
        rest = group // (high - low + 1)
        keys.insert(0, group - rest * (high - low + 1) + low)
        group = rest
    return keys


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


def _span(by: By, files: list[FactFile]) -> tuple[int, int]:
    """Return the least and greatest group that the files can hold."""
    if isinstance(by, Periods):
        return -1, len(by.stretches) - 1
    ends = {}
    for name in _sources(by):
        bounds = [file.bound(name) for file in files]
        ends[name] = np.array([min(low for low, _ in bounds), max(high for _, high in bounds)])
    low, high = key_of(by, ends).tolist()
    return low, high


def _sources(by: By) -> tuple[str, ...]:
    if isinstance(by, Periods) or by == "week":
        return ("day",)
    return ("month",) if by in ("quarter", "year") else (by,)


def _bits(kinds: int) -> int:
    """Return how many bits tell so many kinds apart."""
    return kinds.bit_length()


def _places(ids: Numbers, sought: Numbers) -> tuple[Numbers, Numbers]:
    """Return where each id sought is, or would be, among ascending ids, and whether it is."""
    at = np.searchsorted(ids, sought)
    known = at < ids.size
    known[known] = ids[at[known]] == sought[known]
    return at, known


def _read(facts: Facts, file: FactFile, names: list[str]) -> dict[str, Numbers]:
    there = [name for name in names if file.has(name)]
    table = pq.read_table(facts.path(file), columns=there, use_threads=False)
    columns = {name: table[name].to_numpy() for name in there}
    zeros = np.zeros(file.rows, np.int32)
    return {name: columns.get(name, zeros) for name in names}
