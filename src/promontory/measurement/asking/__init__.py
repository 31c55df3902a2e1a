"""After asking: who answered, which channel is answered most, and what the channel does."""

from promontory.measurement.asking.choosing import Chances, Tried, chances
from promontory.measurement.asking.modes import ModeEffect, mode_effects
from promontory.measurement.asking.outcomes import Outcomes, Rates, dispersion, pooled, rates

__all__ = [
    "Chances",
    "ModeEffect",
    "Outcomes",
    "Rates",
    "Tried",
    "chances",
    "dispersion",
    "mode_effects",
    "pooled",
    "rates",
]
