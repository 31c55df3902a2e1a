"""Two gates, kept apart: confidentiality hides what would point at people, precision greys."""

from promontory.measurement.gates.confidentiality import (
    MINIMUM_BASE,
    Protection,
    may_show,
    minimum_base,
    protect,
)
from promontory.measurement.gates.precision import Precision, precision

__all__ = [
    "MINIMUM_BASE",
    "Precision",
    "Protection",
    "may_show",
    "minimum_base",
    "precision",
    "protect",
]
