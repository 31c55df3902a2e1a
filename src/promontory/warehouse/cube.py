"""The day cube in memory: answers at once what pages ask most.

Questions are answered from roll-ups: the cells by day or month over few columns. Those that pages
ask most are made with the cube and mapped; a question that would touch too much of the smallest
that fits has one made over just its columns, which is kept. What the ledger has added since
the cube's position is no concern of the cube: it is asked of the facts and added, for plain cells
add.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from promontory.warehouse.evaluate import CALENDAR, Numbers, holds, key_of, needs_days
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.plan import conditions_of
from promontory.warehouse.question import By, Periods, Question, integers
from promontory.warehouse.schema import months_of

DENSE = 1 << 24
"""Slots up to which cells are counted by address instead of being sorted."""

FEW = 1 << 16
"""Cells that are sliced at once, for a roll-up would not pay."""


@dataclass(frozen=True, slots=True)
class RollUp:
    """Cells in the order of time: `n` by time (days or months) and combination of columns."""

    columns: Mapping[str, Numbers]
    time: Numbers
    combination: Numbers
    n: Numbers

    def within(self, low: int, times: Numbers) -> RollUp:
        """Return the cells from the first to the last of the times that are kept."""
        kept = np.flatnonzero(times)
        ends = (int(kept[0]) + low, int(kept[-1]) + low + 1) if kept.size else (low, low)
        first, last = np.searchsorted(self.time, np.array(ends, self.time.dtype))
        here = slice(int(first), int(last))
        return RollUp(self.columns, self.time[here], self.combination[here], self.n[here])


@dataclass(frozen=True, slots=True)
class Selected:
    """Which times (from `low` on) and which combinations of a roll-up a question keeps."""

    low: int
    calendar: Mapping[str, Numbers]
    times: Numbers
    combinations: Numbers


class Cube:
    """The day cube of one position; safe to share between threads."""

    def __init__(self, facts: Facts, entry: Mapping[str, Any]) -> None:
        self.position: int = entry["position"]
        self._columns = frozenset(entry["columns"])
        files = iter(entry["files"])
        self._kept = {
            (grain, frozenset(columns)): read_roll_up(facts.folder / cells, facts.folder / names)
            for (grain, columns), cells, names in zip(entry["rollups"], files, files, strict=True)
        }
        self._lock = threading.Lock()

    def answers(self, question: Question) -> bool:
        """Say whether this cube, with what came after it, can answer the question."""
        reached = question.as_of is None or question.as_of >= self.position
        return reached and question.cluster is None and _columns(question) <= self._columns

    def cells(self, question: Question) -> pa.Table:
        """Return the question's cells as of the cube's position."""
        grain = "day" if _needs_days(question) else "month"
        return slice_cells(self._source(grain, question), question, grain)

    def _source(self, grain: str, question: Question) -> RollUp:
        """Return the roll-up to slice: the smallest, unless the slice would be most of it."""
        columns = _columns(question)
        with self._lock:
            fit = {key: kept for key, kept in self._kept.items() if _fits(key, grain, columns)}
            key, smallest = min(fit.items(), key=lambda pair: pair[1].n.size)
            touched = _touched(smallest, question, grain)
            if key[1] == columns or touched <= max(FEW, smallest.n.size // 4):
                return smallest
            self._kept[grain, columns] = roll_up(smallest, columns)
            return self._kept[grain, columns]


def load_cube(facts: Facts, manifest: Manifest) -> Cube | None:
    """Return the manifest's day cube, if it has one; it is opened once and then shared."""
    if manifest.cube is None or "rollups" not in manifest.cube:
        return None  # one of an earlier layout is built anew when the warehouse is tended
    name: str = manifest.cube["files"][0]
    with facts.lock:
        if name not in facts.derived:
            facts.derived.clear()
            facts.derived[name] = Cube(facts, manifest.cube)
        cube: Cube = facts.derived[name]
        return cube


def roll_up(source: RollUp, columns: frozenset[str]) -> RollUp:
    """Return the cells summed over all columns but these."""
    code, kept = _distinct({name: source.columns[name] for name in sorted(columns)})
    width = max(int(code.max(initial=0)) + 1, 1)
    first = int(source.time[0]) if source.time.size else 0
    span = int(source.time[-1]) - first + 1 if source.time.size else 0
    whole = np.int32 if span * width < 1 << 31 else np.int64  # half the bytes to move, mostly
    slot: Numbers = (source.time - first).astype(whole)
    slot *= width
    slot += code.astype(whole)[source.combination]
    slots, n = _add_up(slot, source.n, span * width)
    return RollUp(kept, slots // width + first, slots % width, n)


def slice_cells(source: RollUp, question: Question, grain: str) -> pa.Table:
    """Return the cells of a question: its names, answer, d and g if weighted, and n."""
    selected = _selected(source, question, grain)
    low, calendar = selected.low, selected.calendar
    keep_time, keep_combination = selected.times, selected.combinations
    times = calendar["day" if grain == "day" else "month"]
    timed = {f"b{i}": by for i, by in enumerate(question.by) if _is_calendar(by)}
    plain = {f"b{i}": by for i, by in enumerate(question.by) if not _is_calendar(by)}
    plain |= {"answer": "answer"} | ({"d": "d", "g": "g"} if question.weighted else {})
    time_keys = {name: key_of(by, calendar) for name, by in timed.items()}
    for name, by in timed.items():
        if isinstance(by, Periods):
            keep_time &= time_keys[name] >= 0
    time_code, time_groups = _distinct(time_keys, times.size)
    code, groups = _distinct({name: source.columns[str(by)] for name, by in plain.items()})
    width = int(code.max(initial=0)) + 1
    # What is left out goes to a group beyond all others: one gather, no copies of the cells.
    beyond = width * (int(time_code.max(initial=0)) + 1)
    time_code = np.where(keep_time, time_code * width, beyond)
    code = np.where(keep_combination, code, beyond)
    inside = source.within(low, keep_time)
    combination, time, amounts = inside.combination, inside.time, inside.n
    if 4 * np.count_nonzero(keep_combination) <= keep_combination.size:
        rows = np.flatnonzero(keep_combination.take(combination))
        combination, time, amounts = combination[rows], time[rows], amounts[rows]
    slot = time_code[time - low] + code[combination]
    slots, n = _add_up(np.minimum(slot, beyond), amounts, beyond + 1)
    if slots.size and slots[-1] == beyond:
        slots, n = slots[:-1], n[:-1]
    time_group = slots // width
    group = slots - time_group * width
    found = {name: values[time_group] for name, values in time_groups.items()}
    found |= {name: values[group] for name, values in groups.items()}
    order = [*(f"b{i}" for i in range(len(question.by))), "answer"]
    order += ["d", "g"] if question.weighted else []
    names = [*question.names, *order[len(question.by) :], "n"]
    columns = [pa.array(found[name].astype(np.int64)) for name in order] + [pa.array(n)]
    return pa.table(columns, schema=integers(names))


def read_roll_up(cells: Path, combinations: Path) -> RollUp:
    """Return the roll-up in two Arrow files; mapped, and read when it is used."""
    names, counted = (pa.ipc.open_file(pa.memory_map(str(p))) for p in (combinations, cells))
    columns, table = names.read_all(), counted.read_all()
    return RollUp(
        {name: columns[name].to_numpy() for name in columns.schema.names},
        *(table[name].to_numpy() for name in ("time", "combination", "n")),
    )


def _selected(source: RollUp, question: Question, grain: str) -> Selected:
    low = int(source.time[0]) if source.time.size else 0
    end = int(source.time[-1]) + 1 if source.time.size else low
    times: Numbers = np.arange(low, end, dtype=np.int32)
    calendar: dict[str, Numbers] = (
        {"day": times, "month": months_of(times)} if grain == "day" else {"month": times}
    )
    keep_time: Numbers = np.ones(times.size, bool)
    keep_combination: Numbers = np.ones(len(next(iter(source.columns.values()))), bool)
    for condition in conditions_of(question):
        if condition.column in calendar:
            keep_time &= holds(condition, calendar[condition.column])
        elif condition.column != "position":  # the cube is wholly at or below it
            keep_combination &= holds(condition, source.columns[condition.column])
    return Selected(low, calendar, keep_time, keep_combination)


def _touched(source: RollUp, question: Question, grain: str) -> int:
    """Return about how many cells the question counts."""
    selected = _selected(source, question, grain)
    inside: int = source.within(selected.low, selected.times).n.size
    kept = np.count_nonzero(selected.combinations)
    return inside * int(kept) // max(selected.combinations.size, 1)


def _add_up(slot: Numbers, n: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Return the slots that are not empty, ascending, and the sum in each."""
    if size <= max(DENSE, 4 * slot.size):
        # Sums of integers in doubles are exact up to 2⁵³.
        sums = np.bincount(slot, n, size)
        slots = np.flatnonzero(sums)
        return slots, sums[slots].astype(np.int64)
    slots, place = np.unique(slot, return_inverse=True)
    sums = np.bincount(place, n, slots.size).astype(np.int64)
    return slots[sums != 0], sums[sums != 0]


def _distinct(columns: Mapping[str, Numbers], size: int = 0) -> tuple[Numbers, dict[str, Numbers]]:
    """Return a code for each row's combination of values, and the values of each code."""
    code = np.zeros(len(next(iter(columns.values()), np.empty(size))), np.int64)
    for values in columns.values():
        _, part = np.unique(values, return_inverse=True)
        code = code * (int(part.max(initial=0)) + 1) + part
        _, code = np.unique(code, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return code, {name: values[first] for name, values in columns.items()}


def _needs_days(question: Question) -> bool:
    used = (condition.column for condition in question.where)
    return "day" in used or any(needs_days(by) for by in question.by)


def _is_calendar(by: By) -> bool:
    return isinstance(by, Periods) or by in CALENDAR


def _fits(key: tuple[str, frozenset[str]], grain: str, columns: frozenset[str]) -> bool:
    return key[0] == grain and columns <= key[1]


def _columns(question: Question) -> frozenset[str]:
    used = {by for by in question.by if isinstance(by, str)} | {"answer", "mask"}
    used |= {condition.column for condition in question.where}
    return frozenset(used | ({"d", "g"} if question.weighted else set())) - CALENDAR
