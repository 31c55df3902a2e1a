"""Every row of a file judged: what it says, or why it cannot become a response.

Columns are judged whole, by the one set of cell rules in `promontory.tables`; only rows that have
something wrong with them are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from promontory.program.responses.rules.kept import UNIT_WEIGHT
from promontory.program.responses.rules.mapping import Column, Mapping
from promontory.tables.table import PROBLEM, RAW, ROW
from promontory.tables.values import Verdict, answers, instant, instants, texts, weights
from promontory.tables.values.distinct import as_array

LONGEST_LABEL = 300
LONGEST_ID = 200
LONGEST_COMMENT = 20_000
HEAVIEST = 1_000_000


_Blame = Callable[[npt.NDArray[np.intp], str | Sequence[str], str], None]


class Reason(NamedTuple):
    """Why a row was set apart: the verdict's slug, the column and what stood there."""

    slug: str
    column: str
    raw: str


SENTENCES = {
    "no-date": ("no date was given", "Fill in the date, or declare one day for the whole file."),
    "nothing-answered": ("nothing was answered", "Say that such rows are to be kept, if wished."),
    "duplicate-id": (
        "its id stands on an earlier row already",
        "Give every answer its own id, or leave the id column out.",
    ),
    "too-long": ("is longer than can be kept", "Shorten the cell."),
    "too-heavy": ("is a weight above 1,000,000", "Check the weights."),
}
"""Reasons that only an import knows, beside the verdicts on cells."""


def explain(reason: Sequence[str]) -> str:
    """Return the reason as a sentence that names column, cell and remedy."""
    slug, column, raw = reason
    if slug in SENTENCES:
        sentence, remedy = SENTENCES[slug]
    else:
        verdict = Verdict.by_slug(slug)
        sentence, remedy = verdict.sentence, verdict.remedy
    where = f"Column “{column}”: " if column else ""
    what = f"“{raw}” " if raw else "This row " if slug in _OF_ROWS else ""
    return f"{where}{what}{sentence}. {remedy}".strip()


_OF_ROWS = {"ragged", "unclosed-quote", "not-json", "blank-row"}


@dataclass(slots=True)
class Judged:
    """One batch of rows after judgement, column by column.

    `reasons` has an entry for each row that is set apart, `raws` the text of those that could not
    be read; `blank` are the row places that are empty altogether. `answers` holds for every answer
    column the values and whether each is there. `at` are microseconds since 1970 UTC, `day` local
    days. `said` are texts by role, or `attribute_text` of an attribute column.
    """

    rows: list[int]
    columns: list[pa.Array]
    raws: dict[int, str]
    reasons: dict[int, list[Reason]]
    blank: set[int]
    answers: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]
    at: npt.NDArray[np.int64]
    day: npt.NDArray[np.int32]
    weight: npt.NDArray[np.int64] | None
    said: dict[str, pa.Array]
    notes: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def text(self, role: str) -> list[str | None] | None:
        """Return what the column of this role says on each row; None if no column has it."""
        column = self.said.get(role)
        return None if column is None else column.to_pylist()

    def cells(self) -> list[tuple[str | None, ...]]:
        """Return the rows as they came."""
        if not self.columns:
            return [()] * len(self.rows)
        return list(zip(*(column.to_pylist() for column in self.columns), strict=True))

    def good(self) -> npt.NDArray[np.intp]:
        """Return the places of the rows that can become responses."""
        good = np.ones(len(self.rows), bool)
        good[[*self.reasons, *self.blank]] = False
        return np.flatnonzero(good)


class Judge:
    """Judges batch after batch under one mapping; `columns` are those of the file, in order."""

    def __init__(
        self, mapping: Mapping, columns: Sequence[str], *, without: Sequence[str] = ()
    ) -> None:
        self.mapping = mapping
        self.columns = [name for name in columns if name not in without]
        self._answers = mapping.answers
        self._texts = _text_columns(mapping, without)
        self._at = mapping.named("at")
        self._weight = mapping.named("weight")
        self._fixed = _fixed(mapping)

    def batches(self, source: Iterator[pa.RecordBatch], after_row: int = 0) -> Iterator[Judged]:
        """Judge every batch, passing over the rows up to and including `after_row`."""
        for batch in source:
            rest = batch
            if after_row:
                rest = batch.filter(pc.greater(batch.column(ROW), after_row))
            if rest.num_rows:
                yield self.judge(rest)

    def judge(self, batch: pa.RecordBatch) -> Judged:
        """Judge one batch."""
        size = batch.num_rows
        columns = {name: _as_text(batch.column(name)) for name in self.columns}
        reasons, raws = _broken(batch)
        broken = set(reasons)

        def blame(where: npt.NDArray[np.intp], slugs: str | Sequence[str], name: str) -> None:
            column = columns.get(name)
            for index in where.tolist():
                if index not in broken:
                    slug = slugs if isinstance(slugs, str) else slugs[index]
                    seen = "" if column is None else column[index].as_py() or ""
                    reasons.setdefault(index, []).append(Reason(slug, name, _cut(seen)))

        judged = []
        nothing = np.ones(size, bool)
        for column in self._answers:
            result = answers(batch.column(column.name), column.scale)
            there = result.ok
            refused = np.flatnonzero(~there & (result.verdict != Verdict.SKIPPED.code))
            if refused.size:
                blame(refused, [Verdict.of(c).slug for c in result.verdict.tolist()], column.name)
            nothing &= ~there
            judged.append((result.value, there))
        at, day = self._instants(batch, size, blame)
        weight = self._weights(batch, blame)
        said = {role: texts(columns[name]) for role, name in self._texts.items()}
        notes = self._check_texts(said, blame)
        unanswered = np.flatnonzero(nothing)
        blank = self._blank(columns.values(), unanswered, broken, batch)
        for index in blank:
            reasons.pop(index, None)
        self._check_partial(unanswered, said, reasons, broken | blank)
        rows = batch.column(ROW).to_pylist()
        return Judged(
            rows, list(columns.values()), raws, reasons, blank, judged, at, day, weight, said, notes
        )

    def _instants(
        self, batch: pa.RecordBatch, size: int, blame: _Blame
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        if self._at is None:
            at, day = self._fixed
            return np.full(size, at, np.int64), np.full(size, day, np.int32)
        result = instants(batch.column(self._at), self.mapping.instants)
        refused = np.flatnonzero(~result.ok)
        if refused.size:
            slugs = [
                "no-date" if code == Verdict.SKIPPED.code else Verdict.of(code).slug
                for code in result.verdict.tolist()
            ]
            blame(refused, slugs, self._at)
        return result.at, result.day

    def _weights(self, batch: pa.RecordBatch, blame: _Blame) -> npt.NDArray[np.int64] | None:
        if self._weight is None:
            return None
        value, verdict = weights(batch.column(self._weight))
        refused = np.flatnonzero(verdict != Verdict.OK.code)
        if refused.size:
            blame(refused, [Verdict.of(code).slug for code in verdict.tolist()], self._weight)
        heavy = np.flatnonzero(value > HEAVIEST)
        if heavy.size:
            blame(heavy, "too-heavy", self._weight)
        scaled: npt.NDArray[np.int64] = np.rint(np.minimum(value, HEAVIEST) * UNIT_WEIGHT).astype(
            np.int64
        )
        return scaled

    def _check_texts(self, said: dict[str, pa.Array], blame: _Blame) -> dict[str, int]:
        for role, longest in (("id", LONGEST_ID), ("comment", LONGEST_COMMENT)):
            if role in said and (long := _longer(said[role], longest)).size:
                blame(long, "too-long", self._texts[role])
        notes: dict[str, int] = {}
        for column in self.mapping.attributes:
            name = attribute_text(column)
            if name in said and (long := _longer(said[name], LONGEST_LABEL)).size:
                cut = pc.utf8_slice_codeunits(said[name], 0, LONGEST_LABEL)
                said[name] = cut
                notes["label-cut"] = notes.get("label-cut", 0) + int(long.size)
        return notes

    def _blank(
        self,
        columns: Iterable[pa.Array],
        unanswered: npt.NDArray[np.intp],
        broken: set[int],
        batch: pa.RecordBatch,
    ) -> set[int]:
        candidates = [index for index in unanswered.tolist() if index not in broken]
        blank = {i for i in broken if batch.column(PROBLEM)[i].as_py() == Verdict.BLANK_ROW.slug}
        if not candidates:
            return blank
        taken = [column.take(pa.array(candidates)).to_pylist() for column in columns]
        for place, index in enumerate(candidates):
            if all(not (column[place] or "").strip() for column in taken):
                blank.add(index)
        return blank

    def _check_partial(
        self,
        unanswered: npt.NDArray[np.intp],
        said: dict[str, pa.Array],
        reasons: dict[int, list[Reason]],
        passed_over: set[int],
    ) -> None:
        if self.mapping.partial == "all":
            return
        comments = said.get("comment") if self.mapping.partial == "commented" else None
        for index in unanswered.tolist():
            if index in passed_over or index in reasons:
                continue
            if comments is None or not comments[index].is_valid:
                reasons[index] = [Reason("nothing-answered", "", "")]


def _broken(batch: pa.RecordBatch) -> tuple[dict[int, list[Reason]], dict[int, str]]:
    """The rows that could not be read into columns, and what stood there."""
    problems = batch.column(PROBLEM)
    reasons: dict[int, list[Reason]] = {}
    raws: dict[int, str] = {}
    if problems.null_count < batch.num_rows:
        for index in np.flatnonzero(problems.is_valid().to_numpy(zero_copy_only=False)).tolist():
            raws[index] = batch.column(RAW)[index].as_py() or ""
            reasons[index] = [Reason(problems[index].as_py(), "", _cut(raws[index]))]
    return reasons, raws


def _longer(column: pa.Array, length: int) -> npt.NDArray[np.intp]:
    long = pc.fill_null(pc.greater(pc.utf8_length(column), length), False)
    return np.flatnonzero(long.to_numpy(zero_copy_only=False))


def attribute_text(column: Column) -> str:
    """The name under which `Judged.texts` holds an attribute column."""
    return f"a:{column.name}"


def _text_columns(mapping: Mapping, without: Sequence[str]) -> dict[str, str]:
    roles = ("id", "email", "customer", "phone", "name", "account", "comment", "language")
    found = {}
    for role in (*roles, "channel", "unit"):
        name = mapping.named(role)
        if name is not None and name not in without:
            found[role] = name
    found.update({attribute_text(column): column.name for column in mapping.attributes})
    return found


def _fixed(mapping: Mapping) -> tuple[int, int]:
    if mapping.fixed_day is None:
        return 0, 0
    # The first moment of the day, as for a date without a time; where clocks skip or repeat
    # midnight, the earlier reading.
    rule = replace(mapping.instants, zone=mapping.instants.zone or "UTC", fold="earlier")
    for hour in (0, 1, 2):
        result = instant(datetime.combine(mapping.fixed_day, time(hour)), rule)
        if result.at is not None and result.day is not None:
            return int(result.at.timestamp()) * 1_000_000, result.day
    raise ValueError(f"{mapping.fixed_day} has no morning in {rule.zone}")


def _as_text(column: pa.Array) -> pa.Array:
    array = as_array(column)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return array
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    try:
        return array.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
