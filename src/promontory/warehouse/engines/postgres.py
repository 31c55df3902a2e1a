"""PostgreSQL as "no warehouse": the same rows in a table of a database one already has."""

from __future__ import annotations

from typing import Any, ClassVar

import pyarrow as pa

from promontory.warehouse.engine import engines
from promontory.warehouse.engines.loaded import LoadedEngine, columns_of
from promontory.warehouse.facts import Facts

_TYPES = {
    pa.int8(): "smallint NOT NULL",
    pa.int16(): "smallint NOT NULL",
    pa.int32(): "integer NOT NULL",
    pa.int64(): "bigint NOT NULL",
}


class PostgresEngine(LoadedEngine):
    """Loads by COPY and reads by ADBC; a connection per statement, so threads need no care."""

    dialect: ClassVar[str] = "postgres"

    def __init__(self, url: str, facts: Facts) -> None:
        super().__init__(facts)
        self._url = url

    def execute(self, sql: str) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            connection.commit()

    def fetch(self, sql: str) -> pa.Table:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

    def insert(self, batch: pa.RecordBatch) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("fact_rows", batch, mode="append")
            connection.commit()

    def create(self) -> None:
        self.execute(f"CREATE TABLE IF NOT EXISTS fact_rows ({columns_of(_TYPES, [])})")
        self.execute("CREATE INDEX IF NOT EXISTS fact_rows_file ON fact_rows (file)")
        self.execute("CREATE TABLE IF NOT EXISTS fact_manifests (generation bigint, manifest text)")

    def add_attributes(self, names: list[str]) -> None:
        for name in names:
            self.execute(
                f"ALTER TABLE fact_rows ADD COLUMN IF NOT EXISTS {name} integer NOT NULL DEFAULT 0"
            )

    def close(self) -> None:
        """Nothing is kept open."""

    def _connect(self) -> Any:
        from adbc_driver_postgresql import dbapi

        return dbapi.connect(self._url)


engines.add("postgresql", PostgresEngine)
engines.add("postgres", PostgresEngine)
