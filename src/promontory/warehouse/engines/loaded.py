"""What the engines share that hold the rows themselves: they load the warehouse's own files.

Two tables: `fact_rows`, each row with the number of the file it came from, and `fact_manifests`,
the manifest whose rows are wholly there. Rows go in before the manifest that names them and stay
until after the one that names them has gone; a query is only believed if its files are still
named when it has ended. So nothing depends on transactions, which ClickHouse has not.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from promontory.warehouse import manifest as manifests
from promontory.warehouse.engine import Moved, Query, cast
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile, Manifest
from promontory.warehouse.monthfiles import ROW_GROUP, widen
from promontory.warehouse.scan import Portion
from promontory.warehouse.schema import COLUMNS, facts_schema


class LoadedEngine(ABC):
    """An engine with its own copy of the rows; `load` brings it up to the manifest."""

    dialect: ClassVar[str]
    in_place = False

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @abstractmethod
    def execute(self, sql: str) -> None:
        """Run a statement that answers nothing."""

    @abstractmethod
    def fetch(self, sql: str) -> pa.Table:
        """Run a query and return its answer."""

    @abstractmethod
    def insert(self, batch: pa.RecordBatch) -> None:
        """Append rows, columns by name, to `fact_rows`."""

    @abstractmethod
    def create(self) -> None:
        """Make the two tables where they are absent."""

    @abstractmethod
    def add_attributes(self, names: list[str]) -> None:
        """Add these attribute columns, 0 in every row, where they are absent."""

    def snapshot(self) -> Manifest:
        texts = self.fetch("SELECT manifest FROM fact_manifests ORDER BY generation DESC LIMIT 1")
        return manifests.loads(texts.column(0)[0].as_py()) if texts.num_rows else Manifest()

    def load(self) -> Manifest:
        """Bring the rows up to the manifest; a killed load is made good by the next."""
        with self.facts.refreshing() as manifest:
            self.create()
            self.add_attributes(list(manifest.attributes))
            before = self.snapshot()
            if before.generation == manifest.generation:
                return manifest
            there = {file.name for file in before.files}
            self._keep(before)  # what a killed load has left goes first
            for file in manifest.files:
                if file.name not in there:
                    self._load(file, manifest.attributes)
            text = exp.Literal.string(manifests.dumps(manifest)).sql(self.dialect)
            generation = manifest.generation
            self.execute(f"INSERT INTO fact_manifests VALUES ({generation}, {text})")
            self.execute(f"DELETE FROM fact_manifests WHERE generation <> {generation}")
            self._keep(manifest)
            return manifest

    def run(self, query: Query) -> pa.Table:
        if not query.portions:
            return query.schema.empty_table()
        answer = self.fetch(self.sql(query))
        named = {file.name for file in self.snapshot().files}
        if not named.issuperset(file.name for file in query.files):
            raise Moved
        return cast(answer, query.schema)

    def sql(self, query: Query) -> str:
        """Return the text that `run` sends."""
        parts = [_part(query.columns, portion) for portion in query.portions]
        relation = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
        return self.rewrite(query.select.with_("facts", as_=relation)).sql(self.dialect)

    def rewrite(self, query: exp.Expr) -> exp.Expr:
        """Return the query with what this engine spells its own way."""
        return query

    def _keep(self, manifest: Manifest) -> None:
        numbers = ", ".join(str(_number(file)) for file in manifest.files) or "-1"
        self.execute(f"DELETE FROM fact_rows WHERE file NOT IN ({numbers})")

    def _load(self, file: FactFile, attributes: tuple[str, ...]) -> None:
        schema = facts_schema(attributes)
        for batch in pq.ParquetFile(self.facts.path(file)).iter_batches(ROW_GROUP):
            table = widen(pa.Table.from_batches([batch]), schema)
            numbers = pa.repeat(pa.scalar(_number(file), pa.int64()), table.num_rows)
            table = table.append_column("file", numbers).combine_chunks()
            for whole in table.to_batches():
                self.insert(whole)


def _part(columns: tuple[str, ...], portion: Portion) -> exp.Select:
    numbers = [_number(file) for file in portion.files]
    asked = [condition.sql() for condition in portion.conditions]
    return exp.select(*columns).from_("fact_rows").where(exp.column("file").isin(*numbers), *asked)


def _number(file: FactFile) -> int:
    return int.from_bytes(hashlib.sha256(file.name.encode()).digest()[:7], "big")


def columns_of(types: dict[pa.DataType, str], attributes: list[str]) -> str:
    """Return the column definitions of `fact_rows` in an engine's own types."""
    kinds = {"file": pa.int64()} | COLUMNS | {name: pa.int32() for name in attributes}
    return ", ".join(f"{name} {types[kind]}" for name, kind in kinds.items())
