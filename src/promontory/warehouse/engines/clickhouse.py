"""ClickHouse: a server when one machine is outgrown, or its engine in this very process."""

from __future__ import annotations

import threading
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pyarrow as pa
from sqlglot import exp

from promontory.errors import BadInput
from promontory.warehouse.engine import engines
from promontory.warehouse.engines.loaded import LoadedEngine, columns_of
from promontory.warehouse.facts import Facts

_TYPES = {pa.int8(): "Int8", pa.int16(): "Int16", pa.int32(): "Int32", pa.int64(): "Int64"}


class _ClickHouse(LoadedEngine):
    dialect: ClassVar[str] = "clickhouse"

    def create(self) -> None:
        self.execute(
            f"CREATE TABLE IF NOT EXISTS fact_rows ({columns_of(_TYPES, [])})"
            " ENGINE = MergeTree ORDER BY (file, month)"
        )
        self.execute(
            "CREATE TABLE IF NOT EXISTS fact_manifests (generation Int64, manifest String)"
            " ENGINE = MergeTree ORDER BY generation"
        )

    def add_attributes(self, names: list[str]) -> None:
        for name in names:
            self.execute(f"ALTER TABLE fact_rows ADD COLUMN IF NOT EXISTS {name} Int32 DEFAULT 0")

    def rewrite(self, query: exp.Expr) -> exp.Expr:
        def spelled(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.BitwiseAnd):
                return exp.Anonymous(this="bitAnd", expressions=[node.this, node.expression])
            return node

        return query.transform(spelled)


class ChdbEngine(_ClickHouse):
    """`chdb:///folder`: ClickHouse's engine in process, its tables in a folder of their own."""

    def __init__(self, url: str, facts: Facts) -> None:
        super().__init__(facts)
        self._folder = urlsplit(url).path
        self._session: Any = None
        self._lock = threading.Lock()

    def execute(self, sql: str) -> None:
        self._query(sql, "CSV")

    def fetch(self, sql: str) -> pa.Table:
        answer = self._query(sql, "Arrow").bytes()
        return pa.ipc.open_file(answer).read_all() if answer else pa.table({})

    def insert(self, batch: pa.RecordBatch) -> None:
        import tempfile

        import pyarrow.parquet as pq

        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            pq.write_table(pa.Table.from_batches([batch]), file.name)
            names = ", ".join(batch.schema.names)
            self.execute(
                f"INSERT INTO fact_rows ({names}) SELECT {names} FROM file('{file.name}', Parquet)"
            )

    def close(self) -> None:
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._session = None

    def _query(self, sql: str, form: str) -> Any:
        from chdb.session import Session

        with self._lock:
            if self._session is None:
                self._session = Session(self._folder)  # type: ignore[no-untyped-call]
                self._session.query("CREATE DATABASE IF NOT EXISTS promontory")
                self._session.query("USE promontory")
            return self._session.query(sql, form)


class ClickHouseEngine(_ClickHouse):
    """`clickhouse://user:password@host:8123/database`, by clickhouse-connect."""

    def __init__(self, url: str, facts: Facts) -> None:
        super().__init__(facts)
        self._url = url

    def execute(self, sql: str) -> None:
        self._client().command(sql)

    def fetch(self, sql: str) -> pa.Table:
        return self._client().query_arrow(sql)

    def insert(self, batch: pa.RecordBatch) -> None:
        self._client().insert_arrow("fact_rows", pa.Table.from_batches([batch]))

    def close(self) -> None:
        """The client's connections close with the process."""

    def _client(self) -> Any:
        try:
            import clickhouse_connect
        except ImportError:
            raise BadInput(
                "A ClickHouse warehouse needs the extra “clickhouse”.",
                remedy="Install promontory[clickhouse].",
            ) from None
        to = urlsplit(self._url)
        return clickhouse_connect.get_client(
            host=to.hostname or "localhost",
            port=to.port or 8123,
            username=to.username,
            password=to.password or "",
            database=to.path.strip("/") or "default",
        )


engines.add("chdb", ChdbEngine)
engines.add("clickhouse", ClickHouseEngine)
