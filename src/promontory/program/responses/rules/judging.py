"""Every row of a file judged: what it says, or why it cannot become a response.

Columns are judged whole, by the one set of cell rules in `promontory.tables`; only rows that have
something wrong with them are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, NamedTuple

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

    `reasons` has an entry for each row that is set apart; `blank` are the row places that are
    empty altogether. `answers` holds for every answer column the values and whether each is there.
    `at` are microseconds since 1970 UTC, `day` local days. `texts` are by role or column name.
    """

    rows: list[int]
    cells: list[tuple[str | None, ...]]
    raws: dict[int, str]
    reasons: dict[int, list[Reason]]
    blank: set[int]
    answers: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]
    at: npt.NDArray[np.int64]
    day: npt.NDArray[np.int32]
    weight: npt.NDArray[np.int64] | None
    texts: dict[str, list[str | None]]
    notes: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


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
        reasons: dict[int, list[Reason]] = {}
        cells = [_as_text(batch.column(name)) for name in self.columns]
        place = {name: index for index, name in enumerate(self.columns)}
        shown = [column.to_pylist() for column in cells]
        problems = batch.column(PROBLEM)
        broken: set[int] = set()
        raws: dict[int, str] = {}
        if problems.null_count < size:
            raw = batch.column(RAW).to_pylist()
            for index, slug in enumerate(problems.to_pylist()):
                if slug is not None:
                    broken.add(index)
                    raws[index] = raw[index] or ""
                    reasons[index] = [Reason(slug, "", _cut(raw[index] or ""))]

        def blame(where: npt.NDArray[np.intp], slugs: Any, name: str) -> None:
            column = shown[place[name]] if name in place else None
            for index in where.tolist():
                if index not in broken:
                    slug = slugs if isinstance(slugs, str) else slugs[index]
                    seen = _cut(column[index] or "") if column else ""
                    reasons.setdefault(index, []).append(Reason(slug, name, seen))

        judged = []
        nothing = np.ones(size, bool)
        for column in self._answers:
            result = answers(batch.column(column.name), column.scale)
            there = result.ok
            refused = np.flatnonzero(~there & (result.verdict != Verdict.SKIPPED.code))
            if refused.size:
                slugs = [Verdict.of(int(code)).slug for code in result.verdict]
                blame(refused, slugs, column.name)
            nothing &= ~there
            judged.append((result.value, there))
        at, day = self._instants(batch, size, blame)
        weight = self._weights(batch, blame)
        said = {role: texts(batch.column(name)).to_pylist() for role, name in self._texts.items()}
        notes = self._check_texts(said, reasons, broken)
        blank = self._blank(cells, np.flatnonzero(nothing), broken, batch)
        for index in blank:
            reasons.pop(index, None)
        self._check_partial(np.flatnonzero(nothing), said, reasons, broken | blank)
        rows = batch.column(ROW).to_pylist()
        whole = list(zip(*shown, strict=True)) if shown else [()] * size
        return Judged(rows, whole, raws, reasons, blank, judged, at, day, weight, said, notes)

    def _instants(
        self, batch: pa.RecordBatch, size: int, blame: Any
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

    def _weights(self, batch: pa.RecordBatch, blame: Any) -> npt.NDArray[np.int64] | None:
        if self._weight is None:
            return None
        value, verdict = weights(batch.column(self._weight))
        refused = np.flatnonzero(verdict != Verdict.OK.code)
        if refused.size:
            blame(refused, [Verdict.of(code).slug for code in verdict.tolist()], self._weight)
        heavy = np.flatnonzero(value > HEAVIEST)
        if heavy.size:
            blame(heavy, "too-heavy", self._weight)
        return np.rint(np.minimum(value, HEAVIEST) * UNIT_WEIGHT).astype(np.int64)

    def _check_texts(
        self,
        said: dict[str, list[str | None]],
        reasons: dict[int, list[Reason]],
        broken: set[int],
    ) -> dict[str, int]:
        for role, longest in (("id", LONGEST_ID), ("comment", LONGEST_COMMENT)):
            for index, text in enumerate(said.get(role, ())):
                if text is not None and len(text) > longest and index not in broken:
                    name = self._texts[role]
                    reasons.setdefault(index, []).append(Reason("too-long", name, _cut(text)))
        notes: dict[str, int] = {}
        for column in self.mapping.attributes:
            labels = said.get(f"a:{column.name}", [])
            for index, label in enumerate(labels):
                if label is not None and len(label) > LONGEST_LABEL:
                    labels[index] = label[: LONGEST_LABEL - 1] + "…"
                    notes["label-cut"] = notes.get("label-cut", 0) + 1
        return notes

    def _blank(
        self,
        cells: list[pa.Array],
        unanswered: npt.NDArray[np.intp],
        broken: set[int],
        batch: pa.RecordBatch,
    ) -> set[int]:
        candidates = [index for index in unanswered.tolist() if index not in broken]
        blank = {i for i in broken if batch.column(PROBLEM)[i].as_py() == Verdict.BLANK_ROW.slug}
        if not candidates:
            return blank
        taken = [column.take(pa.array(candidates)).to_pylist() for column in cells]
        for place, index in enumerate(candidates):
            if all(not (column[place] or "").strip() for column in taken):
                blank.add(index)
        return blank

    def _check_partial(
        self,
        unanswered: npt.NDArray[np.intp],
        said: dict[str, list[str | None]],
        reasons: dict[int, list[Reason]],
        passed_over: set[int],
    ) -> None:
        if self.mapping.partial == "all":
            return
        comments = said.get("comment") if self.mapping.partial == "commented" else None
        for index in unanswered.tolist():
            if index in passed_over or index in reasons:
                continue
            if comments is None or comments[index] is None:
                reasons[index] = [Reason("nothing-answered", "", "")]


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
    from dataclasses import replace

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
