"""The metrics there are. A new one is one file and one line here.

`get("nps")` returns a metric by key, `of_code(1)` by its warehouse code.
"""

from __future__ import annotations

from promontory.errors import BadInput
from promontory.measurement.metrics.ces import CES
from promontory.measurement.metrics.csat import CSAT
from promontory.measurement.metrics.metric import Group, Metric
from promontory.measurement.metrics.nps import NPS
from promontory.measurement.metrics.rating import RATING
from promontory.measurement.metrics.yes_no import YES_NO
from promontory.registry import Registry

__all__ = ["CES", "CSAT", "NPS", "RATING", "YES_NO", "Group", "Metric"]
__all__ += ["get", "keys", "of_code", "registry"]

registry: Registry[Metric] = Registry("metric")
for _metric in (NPS, CSAT, CES, YES_NO, RATING):
    registry.add(_metric.key, _metric)


def get(key: str | Metric) -> Metric:
    """Return the metric of that key (a metric is returned as it is); refuse an unknown one."""
    return key if isinstance(key, Metric) else registry.get(key)


def keys() -> tuple[str, ...]:
    """Return the keys of all metrics, in the order they were registered."""
    return tuple(registry)


def of_code(code: int) -> Metric:
    """Return the metric of a warehouse code; refuse an unknown one."""
    for metric in registry.values():
        if metric.code == code:
            return metric
    raise BadInput(f"There is no metric with the code {code}.", remedy="Was it removed?")
