"""The engines; importing this package makes every one of them known by its URL."""

from promontory.warehouse.engines import clickhouse, duck, postgres, spark

__all__ = ["clickhouse", "duck", "postgres", "spark"]
