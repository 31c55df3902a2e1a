"""Before asking: how many answers are needed, what they could show, and whom to ask."""

from promontory.measurement.sampling.allocation import allocate
from promontory.measurement.sampling.size import (
    SampleSize,
    answers_for_change,
    answers_for_width,
    smallest_detectable_change,
)

__all__ = [
    "SampleSize",
    "allocate",
    "answers_for_change",
    "answers_for_width",
    "smallest_detectable_change",
]
