"""Engines: who runs a query over the facts, chosen by URL.

| URL | engine | where the rows are |
|---|---|---|
| `duckdb://` | DuckDB in memory (`?threads=2&memory=1GB`) | read from the Parquet files in place |
| `postgresql://…` | PostgreSQL, "no warehouse" | loaded from the same files |
| `chdb://` | ClickHouse's engine in process | loaded from the same files |
| `clickhouse://…` | a ClickHouse server (extra `clickhouse`) | loaded from the same files |
| `spark://…` | Spark (extra `spark`; `spark://local`) | read from the Parquet files in place |

A query is a SQLGlot expression in a small portable subset: filter, inner join, group-by sums,
arithmetic on integers. No outer join, no division, no date function, no formula. What comes back
is cast to a declared Arrow schema, so that every engine answers with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import pyarrow as pa
from sqlglot import exp

from promontory.errors import Broken
from promontory.registry import Registry
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import FactFile, Manifest
from promontory.warehouse.scan import Portion


@dataclass(frozen=True, slots=True)
class Query:
    """A select over the relation `facts`, and what that relation has to be.

    columns: what the select reads · portions: which files, with the conditions still to be asked
    of each · select: the query itself · schema: what its result is cast to.
    """

    columns: tuple[str, ...]
    portions: tuple[Portion, ...]
    select: exp.Select
    schema: pa.Schema

    @property
    def files(self) -> tuple[FactFile, ...]:
        return tuple(file for portion in self.portions for file in portion.files)


class Moved(Exception):
    """The files of the query were replaced meanwhile; ask again over a new snapshot."""


class Engine(Protocol):
    """Runs queries over one warehouse; safe to share between threads."""

    facts: Facts
    in_place: bool
    """Whether the rows are read from this machine's own Parquet files."""

    def snapshot(self) -> Manifest:
        """Return the manifest whose files this engine can read now."""
        ...

    def run(self, query: Query) -> pa.Table:
        """Return the result of the query in its declared schema, or raise `Moved`."""
        ...

    def close(self) -> None:
        """Let go of connections and memory."""
        ...


engines: Registry[Callable[[str, Facts], Engine]] = Registry("warehouse engine")


def open_engine(url: str, facts: Facts) -> Engine:
    """Return the engine that a URL names, over these facts."""
    import promontory.warehouse.engines  # noqa: F401  (each of its modules adds its engine)

    return engines.get(urlsplit(url).scheme)(url, facts)


def cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return what an engine answered in the declared schema; columns are taken by position."""
    if table.num_columns != len(schema):
        raise Broken(f"The engine answered {table.num_columns} columns, not {len(schema)}.")
    columns: Sequence[pa.ChunkedArray] = [
        column.cast(field.type) for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)
