"""DuckDB in memory over the Parquet files: the engine an installation has unless told otherwise."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
from sqlglot import exp

from promontory.warehouse.engine import Moved, Query, cast, engines
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.scan import Portion

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GROUPS_HELD_FLAT = 20
"""Bits of a group key up to which DuckDB addresses the sums directly instead of hashing."""


class DuckEngine:
    """Opens a connection at the first query, and again in a forked process.

    `?threads=` and `?memory=` in the URL bound what it takes, e.g. `duckdb://?threads=1&memory=1GB`.
    """

    in_place = True

    def __init__(self, url: str, facts: Facts) -> None:
        self.facts = facts
        given = {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
        self._config: dict[str, str | bool | int | float | list[str]] = {}
        if "threads" in given:
            self._config["threads"] = given["threads"]
        if "memory" in given:
            self._config["memory_limit"] = given["memory"]
        self._connection: DuckDBPyConnection | None = None
        self._process = 0
        self._lock = threading.Lock()

    def snapshot(self) -> Manifest:
        return self.facts.manifest()

    def run(self, query: Query) -> pa.Table:
        if not query.portions:
            return query.schema.empty_table()
        with self.cursor() as cursor:
            try:
                answer = cursor.sql(self.sql(query)).to_arrow_table()
            except _errors():
                if all(self.facts.path(file).exists() for file in query.files):
                    raise
                raise Moved from None
        return cast(answer, query.schema)

    def sql(self, query: Query) -> str:
        """Return the text that `run` sends."""
        relation = self._relation(query)
        return query.select.with_("facts", as_=relation).sql("duckdb")

    def cursor(self) -> DuckDBPyConnection:
        """Return a cursor of this process's connection; one per thread at a time."""
        with self._lock:
            if self._connection is None or self._process != os.getpid():
                import duckdb

                self._connection = duckdb.connect(":memory:", config=self._config)
                self._connection.execute("SET GLOBAL parquet_metadata_cache = true")
                self._connection.execute(f"SET GLOBAL perfect_ht_threshold = {GROUPS_HELD_FLAT}")
                self._process = os.getpid()
            return self._connection.cursor()

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def _relation(self, query: Query) -> exp.Expr:
        parts = [self._part(query.columns, portion) for portion in query.portions]
        if len(parts) == 1:
            return parts[0]
        return exp.union(*parts, distinct=False)

    def _part(self, columns: tuple[str, ...], portion: Portion) -> exp.Select:
        paths = [exp.Literal.string(str(self.facts.path(file))) for file in portion.files]
        source = exp.Anonymous(this="read_parquet", expressions=[exp.Array(expressions=paths)])
        read = [
            exp.alias_(exp.Literal.number(0), name) if name in portion.lacking else exp.column(name)
            for name in columns
        ]
        asked = [condition.sql() for condition in portion.conditions]
        return exp.select(*read).from_(source).where(*asked)


def _errors() -> type[Exception]:
    import duckdb

    return duckdb.Error


engines.add("duckdb", DuckEngine)
