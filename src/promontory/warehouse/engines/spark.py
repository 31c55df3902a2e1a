"""Spark over the Parquet files in place, for those who have it: the extra `spark`, with Java."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from sqlglot import exp

from promontory.errors import BadInput
from promontory.warehouse.engine import Query, cast, engines
from promontory.warehouse.facts import Facts
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.scan import Portion


class SparkEngine:
    """`spark://local` runs in this machine; `spark://host:7077` on a cluster sharing the folder."""

    in_place = False

    def __init__(self, url: str, facts: Facts) -> None:
        self.facts = facts
        to = urlsplit(url)
        self._master = "local[2]" if to.hostname == "local" else f"spark://{to.netloc}"
        self._session: Any = None

    def snapshot(self) -> Manifest:
        return self.facts.manifest()

    def run(self, query: Query) -> pa.Table:
        if not query.portions:
            return query.schema.empty_table()
        session = self._open()
        views = [f"portion_{uuid.uuid4().hex}" for _ in query.portions]
        try:
            for view, portion in zip(views, query.portions, strict=True):
                paths = [str(self.facts.path(file)) for file in portion.files]
                session.read.parquet(*paths).createOrReplaceTempView(view)
            parts = [
                _part(query.columns, portion, view)
                for view, portion in zip(views, query.portions, strict=True)
            ]
            relation = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
            sql = query.select.with_("facts", as_=relation).sql("spark")
            return cast(session.sql(sql).toArrow(), query.schema)
        finally:
            for view in views:
                session.catalog.dropTempView(view)

    def close(self) -> None:
        if self._session is not None:
            self._session.stop()
        self._session = None

    def _open(self) -> Any:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise BadInput(
                "A Spark warehouse needs the extra “spark”.", remedy="Install promontory[spark]."
            ) from None
        if self._session is None:
            builder = SparkSession.builder.master(self._master).appName("promontory")
            self._session = builder.config("spark.ui.enabled", "false").getOrCreate()
        return self._session


def _part(columns: tuple[str, ...], portion: Portion, view: str) -> exp.Select:
    read = [
        exp.alias_(exp.Literal.number(0), name) if name in portion.lacking else exp.column(name)
        for name in columns
    ]
    asked = [condition.sql() for condition in portion.conditions]
    return exp.select(*read).from_(view).where(*asked)


engines.add("spark", SparkEngine)
