"""Before asking: how many answers are needed, what they could show, and whom to ask."""

from promontory.measurement.sampling.allocation import allocate
from promontory.measurement.sampling.drawing import (
    Phase,
    Strata,
    draw,
    priorities,
    thinned,
)
from promontory.measurement.sampling.rates import ResponseRate, response_rate
from promontory.measurement.sampling.size import (
    SampleSize,
    answers_for_change,
    answers_for_width,
    expected_half_width,
    smallest_detectable_change,
)
from promontory.measurement.sampling.suppression import SuppressionBounds, suppression_bounds

__all__ = [
    "Phase",
    "ResponseRate",
    "SampleSize",
    "Strata",
    "SuppressionBounds",
    "allocate",
    "answers_for_change",
    "answers_for_width",
    "draw",
    "expected_half_width",
    "priorities",
    "response_rate",
    "smallest_detectable_change",
    "suppression_bounds",
    "thinned",
]
