"""How many answers are needed, by the very intervals and tests that will judge them later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from promontory.errors import BadInput
from promontory.measurement.inference.difference import POWER
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.quantiles import check_level, normal_quantile, t_quantile
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally

_MOST = 10**12


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many answers, how many invitations at the response rate, and on what assumptions."""

    answers: int
    invitations: int | None
    assumptions: tuple[str, ...]
    goal: str

    def sentence(self) -> str:
        """Say it in words."""
        asked = "" if self.invitations is None else f" ({self.invitations:,} invitations)"
        return f"{self.answers:,} answers{asked} {self.goal}."


def answers_for_width(
    half_width: float,
    metric: Metric | str = NPS,
    *,
    expected: Tally | None = None,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: int | None = None,
    response_rate: float | None = None,
) -> SampleSize:
    """Return how many answers make the interval reach at most `half_width` points either way.

    `expected` is a tally whose answers are thought typical (else the widest spread there is);
    `design_effect` allows for weights and clusters (≥ 1); `population` applies the
    finite-population correction, which takes the answers for a random sample.
    """
    metric = get(metric)
    v, notes = _spread(metric, expected)
    _check(half_width, metric, level, design_effect)
    if population is not None and population < 1:
        raise BadInput("A population has at least one person.")
    answers = _smallest(
        lambda n: _reach(metric, v, n, level, design_effect, population) <= half_width
    )
    if population is not None:
        answers = min(answers, population)
        notes += (f"The answers are taken for a random sample of the {population:,} people.",)
    notes += _design(design_effect)
    goal = f"give an interval of ±{half_width:g} {metric.unit} at worst"
    return SampleSize(answers, _invitations(answers, response_rate), notes, goal)


def expected_half_width(
    answers: float,
    metric: Metric | str = NPS,
    *,
    spread: float | None = None,
    level: float = 0.95,
    design_effect: float = 1.0,
    population: int | None = None,
) -> float:
    """Return how far the interval of so many answers would reach either way, in points.

    `spread` is the standard deviation of one answer's points (None: the widest there is); the
    other arguments are as in `answers_for_width`, whose answers reach no further.
    """
    metric = get(metric)
    if not answers > 0:
        raise BadInput("Without answers there is no interval.")
    _check(1.0, metric, level, design_effect)
    v = _spread(metric, None)[0] if spread is None else spread**2
    floor, ceiling = metric.bounds
    reach = _reach(metric, v, answers, level, design_effect, population)
    return min(reach, float(ceiling - floor))


def answers_for_change(
    change: float,
    metric: Metric | str = NPS,
    *,
    expected: Tally | None = None,
    level: float = 0.95,
    power: float = POWER,
    design_effect: float = 1.0,
    response_rate: float | None = None,
) -> SampleSize:
    """Return how many answers *each* of two groups needs for a true change to be found.

    Found means significant at 1 − level, with probability `power`.
    """
    metric = get(metric)
    v, notes = _spread(metric, expected)
    _check(change, metric, level, design_effect)
    answers = _smallest(
        lambda n: _detectable(metric, v, n, n, level, power, design_effect) <= change
    )
    goal = (
        f"in each of two groups find a change of {change:g} {metric.unit} {power:.0%} of the time"
    )
    notes += _design(design_effect)
    return SampleSize(answers, _invitations(answers, response_rate), notes, goal)


def smallest_detectable_change(
    base_before: int,
    base_after: int,
    metric: Metric | str = NPS,
    *,
    expected: Tally | None = None,
    level: float = 0.95,
    power: float = POWER,
    design_effect: float = 1.0,
) -> float:
    """Return the smallest true change, in points, that would be found with that power."""
    metric = get(metric)
    if base_before < 1 or base_after < 1:
        raise BadInput("Both groups need at least one answer.")
    v, _ = _spread(metric, expected)
    _check(1.0, metric, level, design_effect)
    floor, ceiling = metric.bounds
    detectable = _detectable(metric, v, base_before, base_after, level, power, design_effect)
    return min(detectable, float(ceiling - floor))


def _detectable(
    metric: Metric, v: float, n1: int, n2: int, level: float, power: float, deff: float
) -> float:
    if not 0.5 <= power < 1:
        raise BadInput("The power is a share between 0.5 and 1, such as 0.8.")
    stars = n1 / deff, n2 / deff
    errors = [_with_pseudo(metric, v, star, 2.0) / (star + 1) for star in stars]
    df = sum(errors) ** 2 / sum(e * e / (star + 1) for e, star in zip(errors, stars, strict=True))
    t = float(t_quantile(0.5 + level / 2, np.array(df)))
    return float((t + normal_quantile(power)) * np.sqrt(sum(errors)))


def _reach(
    metric: Metric, v: float, n: float, level: float, deff: float, population: int | None
) -> float:
    star = n / deff
    free = 1.0 if population is None else max(0.0, 1 - n / population)
    t = float(t_quantile(0.5 + level / 2, np.array(star + 2)))
    return t * float(np.sqrt(_with_pseudo(metric, v, star, 3.0) / (star + 3) * free))


def _with_pseudo(metric: Metric, v: float, star: float, added: float) -> float:
    """Return the variance after pseudo-answers, for a mean in the middle (the widest case)."""
    floor, ceiling = metric.bounds
    half = (ceiling - floor) / 2
    extra = half**2 * (1.0 if len(metric.levels) == 2 else 0.5)
    return (star * v + added * extra) / (star + added)


def _spread(metric: Metric, expected: Tally | None) -> tuple[float, tuple[str, ...]]:
    floor, ceiling = metric.bounds
    if expected is None:
        widest = f"Half of all answers worth {floor}, half {ceiling}: the widest spread there is."
        return ((ceiling - floor) / 2) ** 2, (widest,)
    if not expected.base:
        raise BadInput("The expected answers are empty.", remedy="Leave them out.")
    v = float(Cells.of_tallies(metric, [expected]).v[0])
    return v, (f"Answers spread as in the {expected.base:,} given.",)


def _design(effect: float) -> tuple[str, ...]:
    return (f"Design effect {effect:g}.",) if effect != 1 else ()


def _check(points: float, metric: Metric, level: float, design_effect: float) -> None:
    check_level(level)
    if not points > 0:
        raise BadInput(f"The aim must be above zero {metric.unit}.")
    if not design_effect >= 1:
        raise BadInput("A design effect is at least 1 (1: independent, equal weights).")


def _invitations(answers: int, rate: float | None) -> int | None:
    if rate is None:
        return None
    if not 0 < rate <= 1:
        raise BadInput("The response rate is a share between 0 and 1.")
    return ceil(round(answers / rate, 6))


def _smallest(enough: Callable[[int], bool]) -> int:
    high = 1
    while not enough(high):
        high *= 2
        if high > _MOST:
            raise BadInput("No number of answers achieves that.", remedy="Ask for less.")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
