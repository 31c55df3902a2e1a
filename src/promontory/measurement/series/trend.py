"""A trend with its band: each period's estimate, and the level underneath.

The level is a random walk seen through sampling error of known variance (a local-level model,
Kalman filter and smoother). How fast it walks is not known: all speeds are averaged, each by how
well it explains the series, so that a steady score is drawn nearly flat and the band still holds
its promise. Periods without answers are bridged, with a wider band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.estimate import Estimate
from promontory.measurement.inference import pseudo
from promontory.measurement.inference.difference import Difference, difference
from promontory.measurement.inference.effective import effective_base
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.one_score import intervals
from promontory.measurement.inference.quantiles import normal_quantile
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.series.season import season_note
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]

# Variance of one step of the level, in logarithms of the sampling variance of one period.
_SPEEDS = np.linspace(-7.0, 3.0, 21)


@dataclass(frozen=True, slots=True)
class Period:
    """A month or week and its answers; `complete` is False while late answers still come in."""

    label: str
    tally: Tally
    complete: bool = True


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One period: its own estimate, and the level with its band (points; None before any)."""

    label: str
    estimate: Estimate
    level: float | None
    low: float | None
    high: float | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The points of a series, how far its level walks per period (`drift`, points), and notes."""

    points: tuple[TrendPoint, ...]
    drift: float
    latest: Difference | None
    notes: tuple[str, ...]


def trend(
    periods: Sequence[Period],
    metric: Metric | str = NPS,
    *,
    level: float = 0.95,
    season: int | None = None,
) -> Trend:
    """Return the trend of equally spaced periods, oldest first, gaps given as empty tallies.

    An incomplete period is shown but shapes neither level nor `latest`, the difference of the
    two newest complete periods: fast responders alone are not compared with everybody.
    `season` (12 for months, 52 for weeks) asks for a note on seasonal swing.
    """
    metric = get(metric)
    if len({p.label for p in periods}) != len(periods):
        raise BadInput("Every period of a trend needs a label of its own.")
    cells = Cells.of_tallies(metric, [p.tally for p in periods])
    estimates = intervals(cells, level=level)
    complete = np.array([p.complete for p in periods], dtype=bool)
    usable = complete & (cells.base > 0)
    group = pseudo.adjusted(cells, effective_base(cells), pseudo.EACH_GROUP)
    known = group.v / (group.total - 1)
    smooth, spread, drift = _averaged(cells.theta, known, usable)
    reach = normal_quantile(0.5 + level / 2) * np.sqrt(spread)
    floor, ceiling = metric.bounds
    low, high = np.clip(smooth - reach, floor, ceiling), np.clip(smooth + reach, floor, ceiling)
    anything = bool(usable.any())
    points = tuple(
        TrendPoint(
            p.label,
            estimates[i],
            float(smooth[i]) if anything else None,
            float(low[i]) if anything else None,
            float(high[i]) if anything else None,
            p.complete,
        )
        for i, p in enumerate(periods)
    )
    notes = [f"{p.label} is not complete yet and not compared." for p in periods if not p.complete]
    if season is not None:
        notes += season_note(cells.theta, known, usable, season)
    return Trend(points, drift, _latest(periods, metric, level), tuple(notes))


def _latest(periods: Sequence[Period], metric: Metric, level: float) -> Difference | None:
    done = [p for p in periods if p.complete and p.tally.base]
    if len(done) < 2:
        return None
    return difference(done[-2].tally, done[-1].tally, metric, level=level)


def smoothed(
    y: Floats, known: Floats, usable: NDArray[np.bool_], drift: float
) -> tuple[Floats, Floats]:
    """Return the smoothed level and its variance, given the variance of one step."""
    mean, var, ahead, _ = _filtered(y, known, usable, drift)
    level, spread = mean.copy(), var.copy()
    for t in range(len(y) - 2, -1, -1):
        if not np.isfinite(var[t]):
            # Nothing had been seen yet: the level is that of the next period, one step off.
            level[t], spread[t] = level[t + 1], spread[t + 1] + drift
            continue
        gain = var[t] / ahead[t + 1] if ahead[t + 1] > 0 else 0.0
        level[t] = mean[t] + gain * (level[t + 1] - mean[t])
        spread[t] = max(var[t] + gain**2 * (spread[t + 1] - ahead[t + 1]), 0.0)
    return level, spread


def _filtered(
    y: Floats, known: Floats, usable: NDArray[np.bool_], drift: float
) -> tuple[Floats, Floats, Floats, float]:
    """Run the Kalman filter from a diffuse start; return means, variances, and log likelihood."""
    size = len(y)
    mean, var, ahead = np.zeros(size), np.full(size, np.inf), np.full(size, np.inf)
    likelihood, m, p, started = 0.0, 0.0, np.inf, False
    for t in range(size):
        p = p + drift if started else np.inf
        ahead[t] = p
        if usable[t] and not started:
            m, p, started = float(y[t]), float(known[t]), True
        elif usable[t]:
            total = p + known[t]
            error = y[t] - m
            likelihood -= 0.5 * (np.log(total) + error**2 / total)
            m, p = m + p / total * error, p * known[t] / total
        mean[t], var[t] = m, p
    return mean, var, ahead, likelihood


def _averaged(y: Floats, known: Floats, usable: NDArray[np.bool_]) -> tuple[Floats, Floats, float]:
    """Return level, variance and typical step over all speeds, weighted by their likelihood."""
    if not usable.any():
        return np.zeros(len(y)), np.zeros(len(y)), 0.0
    steps = float(np.median(known[usable])) * np.exp(_SPEEDS)
    logs = np.array([_filtered(y, known, usable, float(step))[3] for step in steps])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    likely = np.flatnonzero(weights > 1e-4)
    weights = weights[likely] / weights[likely].sum()
    found = [smoothed(y, known, usable, float(steps[i])) for i in likely]
    levels, spreads = (np.stack(rows) for rows in zip(*found, strict=True))
    level = weights @ levels
    spread = weights @ (spreads + (levels - level) ** 2)
    return level, spread, float(weights @ np.sqrt(steps[likely]))
