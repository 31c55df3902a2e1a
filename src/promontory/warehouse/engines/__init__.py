"""The engines; importing this package makes every one of them known by its URL."""

from promontory.warehouse.engines import duck

__all__ = ["duck"]
