"""The answers as one relation in an engine: raw answer, groups, cluster, and how many.

A Parquet file is counted where it lies. Anything else streams through once and is kept as counts
per distinct (answer, group, cluster): memory follows the cells, not the rows.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from promontory.library.periods import DERIVED, labels
from promontory.library.request import Request
from promontory.tables import PROBLEM, RAW, ROW
from promontory.tables.values import Counts, Finding, Verdict, instants, weights
from promontory.tables.values.distinct import as_array

# States of a row's weight.
WEIGHT_OK, WEIGHT_BAD, WEIGHT_ZERO = 0, 1, 2


class Relation:
    """`rows` in an engine, with the columns raw, g0…, cluster, state, n, w, w2, first_row."""

    def __init__(self, request: Request) -> None:
        import duckdb

        self.request = request
        self.rows_read = 0
        self.row_counts = Counts()
        self.outside_period = 0
        self.filtered = 0
        self.engine = duckdb.connect(
            config={
                "temp_directory": tempfile.gettempdir(),
                "preserve_insertion_order": "false",
                # Nothing is ever fetched from outside to read a file.
                "autoinstall_known_extensions": "false",
            }
        )
        if request.weight is not None:
            # Sums of floating-point weights differ with the order of adding: one thread, one order.
            self.engine.execute("SET threads = 1")
        self.in_place = self._can_stay()
        if self.in_place:
            self._view()
        else:
            self._load()

    @property
    def groups(self) -> list[str]:
        """The relation's group columns, in the order asked for."""
        return [f"g{place}" for place in range(len(self.request.by))]

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        found: list[tuple[Any, ...]] = self.engine.execute(sql).fetchall()
        return found

    def _can_stay(self) -> bool:
        request = self.request
        if request.table.format != "Parquet" or not request.table.path or request.needs_days:
            return False
        import pyarrow.parquet as pq

        schema = pq.read_schema(request.table.path)
        if request.weight is not None and not _is_plain_number(schema.field(request.weight).type):
            return False
        used = [request.score, *request.by, *([request.cluster] if request.cluster else [])]
        return not any(pa.types.is_nested(schema.field(name).type) for name in used)

    def _view(self) -> None:
        request = self.request
        parts = [f"{_name(request.score)} AS raw"]
        parts += [f"{_name(name)} AS g{place}" for place, name in enumerate(request.by)]
        parts.append(
            f"{_name(request.cluster)} AS cluster" if request.cluster else "NULL AS cluster"
        )
        if request.weight is None:
            parts += ["0 AS state", "1::BIGINT AS n", "1::BIGINT AS w", "1::BIGINT AS w2"]
        else:
            weight = f"{_name(request.weight)}::DOUBLE"
            parts += [
                (f"CASE WHEN {weight} > 0 AND isfinite({weight}) THEN {WEIGHT_OK}"
                 f" WHEN {weight} = 0 THEN {WEIGHT_ZERO} ELSE {WEIGHT_BAD} END AS state"),
                "1::BIGINT AS n", f"{weight} AS w", f"{weight} * {weight} AS w2",
            ]  # fmt: skip
        source = f"read_parquet({_text(request.table.path)})"
        self.engine.execute(
            f"CREATE TEMP VIEW rows AS SELECT {', '.join(parts)}, NULL::BIGINT AS first_row"
            f" FROM {source}{self._where()}"
        )
        self.rows_read = request.table.rows_hint or 0

    def first_rows(self, raws: list[Any], limit: int) -> list[tuple[int, Any]]:
        """Where in a Parquet file these raw answers stand first."""
        if not self.in_place or not raws:
            return []
        request = self.request
        score = f"CAST({_name(request.score)} AS VARCHAR)"
        listed = ", ".join(_text(str(raw)) for raw in raws[:100])
        where = self._where()
        return [
            (int(row), raw)
            for row, raw in self.fetch(
                f"SELECT file_row_number + 1, {_name(request.score)} FROM"
                f" read_parquet({_text(request.table.path)}, file_row_number = true)"
                f" {where + ' AND' if where else 'WHERE'} {score} IN ({listed})"
                f" ORDER BY 1 LIMIT {limit}"
            )
        ]

    def _where(self) -> str:
        clauses = []
        for column, positive, chosen in self.request.options.where:
            cell = f"coalesce(trim(CAST({_name(column)} AS VARCHAR)), '')"
            listed = ", ".join(_text(value) for value in chosen)
            clauses.append(f"{cell} {'IN' if positive else 'NOT IN'} ({listed})")
        return f" WHERE {' AND '.join(clauses)}" if clauses else ""

    def _load(self) -> None:
        batches = self._batches()
        first = next(batches, None)
        if first is None:
            groups = [pa.field(name, pa.string()) for name in self.groups]
            first = pa.RecordBatch.from_pylist([], pa.schema(_fields(groups)))
        schema = first.schema

        def stream() -> Iterator[pa.RecordBatch]:
            yield first
            for batch in batches:
                yield batch if batch.schema == schema else batch.cast(schema)

        reader = pa.RecordBatchReader.from_batches(schema, stream())
        keys = ", ".join(["raw", *self.groups, "cluster", "state"])
        self.engine.register("incoming", reader)
        self.engine.execute(
            f"CREATE TEMP TABLE rows AS SELECT {keys}, count(*)::BIGINT AS n, sum(w) AS w,"
            f" sum(w * w) AS w2, min(row) AS first_row FROM incoming GROUP BY {keys}"
        )
        self.engine.unregister("incoming")

    def _batches(self) -> Iterator[pa.RecordBatch]:
        request, options = self.request, self.request.options
        derived = [
            name for name in request.by if name in DERIVED and name not in request.table.columns
        ]
        wanted = [request.score, *[name for name in request.by if name not in derived]]
        wanted += [name for name in (request.cluster, request.weight) if name]
        wanted += [column for column, _, _ in options.where]
        if request.needs_days and request.at:
            wanted.append(request.at)
        for batch in request.table.batches(list(dict.fromkeys(wanted))):
            self.rows_read += batch.num_rows
            if options.progress is not None:
                self._report(options.progress)
            good = self._good(batch)
            days = None
            if request.needs_days and request.at:
                good, days = self._in_period(good)
            if good.num_rows:
                yield self._shaped(good, days)

    def _report(self, progress: Any) -> None:
        table = self.request.table
        if table.bytes_read is not None and table.bytes_hint:
            progress(table.bytes_read(), table.bytes_hint)
        else:
            progress(self.rows_read, table.rows_hint)

    def _good(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that could be read and that the filters let through; the others are counted."""
        problems = batch.column(PROBLEM)
        if problems.null_count < len(problems):
            broken = batch.filter(pc.is_valid(problems))
            found = Counter(broken.column(PROBLEM).to_pylist())
            for slug, count in found.items():
                self.row_counts.add(Verdict.by_slug(slug), count)
            for slug, row, raw in zip(
                *(broken.column(name).to_pylist() for name in (PROBLEM, ROW, RAW)), strict=True
            ):
                self.row_counts.example(Finding(Verdict.by_slug(slug), row, "", raw or ""))
            batch = batch.filter(pc.is_null(problems))
        for column, positive, chosen in self.request.options.where:
            cells = pc.fill_null(pc.utf8_trim_whitespace(_text_of(batch.column(column))), "")
            within = pc.is_in(cells, value_set=pa.array(chosen, cells.type))
            kept = batch.filter(within if positive else pc.invert(within))
            self.filtered += batch.num_rows - kept.num_rows
            batch = kept
        return batch

    def _in_period(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Any]:
        request = self.request
        column = batch.column(request.at or "")
        judged = instants(column, request.rule)
        for code in np.unique(judged.verdict[~judged.ok]):
            verdict = Verdict.of(int(code))
            where = np.flatnonzero(judged.verdict == code)
            self.row_counts.add(verdict, len(where))
            if verdict.refused:
                for place in where[:3]:
                    row, raw = batch.column(ROW)[place].as_py(), column[place].as_py()
                    self.row_counts.example(Finding(verdict, row, request.at or "", str(raw)))
        keep = judged.ok
        if request.options.period is not None:
            period = request.options.period
            within = (judged.day >= period.first) & (judged.day <= period.last)
            self.outside_period += int((keep & ~within).sum())
            keep = keep & within
        return batch.filter(pa.array(keep)), judged.day[keep]

    def _shaped(self, batch: pa.RecordBatch, days: Any) -> pa.RecordBatch:
        request = self.request
        rows = batch.column(ROW)
        raw = batch.column(request.score)
        if request.table.format == "values":
            raw = _text_of(raw)
        arrays = [raw]
        for name in request.by:
            if name in DERIVED and name not in request.table.columns:
                arrays.append(pa.array(labels(days, name), pa.string()))
            else:
                text = pc.utf8_trim_whitespace(_text_of(batch.column(name)))
                arrays.append(text)
        if request.cluster is None:
            arrays.append(pa.nulls(len(rows), pa.string()))
        else:
            arrays.append(_clusters(batch.column(request.cluster), rows))
        if request.weight is None:
            state = pa.array(np.zeros(len(rows), np.int8))
            weight = pa.array(np.ones(len(rows), np.int64))
        else:
            values, verdicts = weights(batch.column(request.weight))
            bad = verdicts != Verdict.OK.code
            found = np.where(bad, WEIGHT_BAD, np.where(values == 0, WEIGHT_ZERO, WEIGHT_OK))
            state, weight = pa.array(found.astype(np.int8)), pa.array(values)
        arrays += [state, weight, rows]
        names = ["raw", *self.groups, "cluster", "state", "w", "row"]
        return pa.RecordBatch.from_arrays(arrays, names=names)


def _fields(groups: list[pa.Field]) -> list[pa.Field]:
    return [
        pa.field("raw", pa.string()), *groups, pa.field("cluster", pa.string()),
        pa.field("state", pa.int8()), pa.field("w", pa.int64()), pa.field("row", pa.int64()),
    ]  # fmt: skip


def _clusters(column: pa.Array, rows: pa.Array) -> pa.Array:
    """Who answered, as text; an answer of nobody known is a cluster of its own."""
    text = pc.utf8_trim_whitespace(_text_of(column))
    unknown = pc.or_kleene(pc.is_null(text), pc.equal(text, ""))
    if not pc.any(unknown).as_py():
        return text
    own = pc.binary_join_element_wise("\x00row", rows.cast(pa.string()), "")
    return pc.if_else(pc.fill_null(unknown, True), own, text)


def _text_of(column: Any) -> pa.Array:
    array = as_array(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type):
        return array
    if pa.types.is_nested(array.type):
        return pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def _is_plain_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _name(column: str | None) -> str:
    return '"' + (column or "").replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
