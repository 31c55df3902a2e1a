"""Promontory: the customer-loyalty score that finance would sign.

import promontory as pm

pm.score("answers.csv", by="region", cluster="account")
pm.compare(last_month, this_month)
pm.explain_change(last_month, this_month, by="region")
pm.plan(half_width=3)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promontory.library import Options, compare, explain_change, plan, score
    from promontory.measurement import Tally, metrics

__version__ = "0.1.0"

__all__ = [
    "Options",
    "Tally",
    "__version__",
    "compare",
    "explain_change",
    "metrics",
    "plan",
    "score",
]

# Loaded when first asked for: importing the package alone costs nothing.
_HOMES = {
    "Options": "promontory.library",
    "Tally": "promontory.measurement",
    "compare": "promontory.library",
    "explain_change": "promontory.library",
    "metrics": "promontory.measurement",
    "plan": "promontory.library",
    "score": "promontory.library",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module “promontory” has no attribute “{name}”")


def __dir__() -> list[str]:
    return sorted(__all__)
