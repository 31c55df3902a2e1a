"""Is the change real? The difference of two scores, its interval and its test.

Two intervals that merely touch are not "no change": only the interval of the difference answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.measurement.clusters import ClusterTally
from promontory.measurement.estimate import number
from promontory.measurement.inference import pseudo
from promontory.measurement.inference.effective import Clustering, effective_base
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.quantiles import (
    check_level,
    normal_quantile,
    t_quantile,
    t_upper,
)
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Difference:
    """The change from `before` to `after` (after − before), in points of the metric.

    `value`, `low`, `high` are None when either side has no answers. `p_value` is two-sided.
    `significant` says that chance alone would do this in at most 1 − level of cases.
    `smallest_detectable` is the true change that would be found with 80 % probability.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    significant: bool
    smallest_detectable: float | None
    base_before: int
    base_after: int
    level: float
    method: str
    metric: Metric
    se: float | None = None
    df: float | None = None

    def sentence(self, since: str = "") -> str:
        """Say in words whether there was a change.

        "Up 8.2 points (3.1 to 13.3): more than chance." or "No detectable change since
        September; you would have seen 6 points or more."
        """
        unit, places = self.metric.unit, self.metric.decimals
        if self.value is None or self.low is None or self.high is None:
            return "Nothing to compare: one side has no answers."
        if not self.significant:
            when = f" since {since}" if since else ""
            seen = _ceiling(self.smallest_detectable or 0.0, self.metric)
            return f"No detectable change{when}; you would have seen {seen} {unit} or more."
        way, low, high = "Up", self.low, self.high
        if self.value < 0:
            way, low, high = "Down", -self.high, -self.low
        when = f" since {since}" if since else ""
        size = number(abs(self.value), places)
        span = f"{number(low, places)} to {number(high, places)}"
        return f"{way} {size} {unit}{when} ({span}): more than chance."

    def __str__(self) -> str:
        return self.sentence()

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "metric": self.metric.key,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "significant": self.significant,
            "smallest_detectable": self.smallest_detectable,
            "base_before": self.base_before,
            "base_after": self.base_after,
            "level": self.level,
            "method": self.method,
        }


@dataclass(frozen=True, eq=False, slots=True)
class Differences:
    """Differences of many pairs of cells as arrays; NaN where a side has no answers."""

    value: Floats
    low: Floats
    high: Floats
    p_value: Floats
    smallest_detectable: Floats
    base_before: NDArray[np.int64]
    base_after: NDArray[np.int64]
    se: Floats
    df: Floats
    level: float
    method: str
    metric: Metric

    def __len__(self) -> int:
        return len(self.value)

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Where the change is more than chance, each pair on its own (see multiplicity)."""
        return np.asarray(self.p_value <= 1 - self.level)

    def __getitem__(self, index: int) -> Difference:
        def figure(array: Floats) -> float | None:
            value = float(array[index])
            return None if np.isnan(value) else value

        return Difference(
            value=figure(self.value),
            low=figure(self.low),
            high=figure(self.high),
            p_value=figure(self.p_value),
            significant=bool(self.significant[index]),
            smallest_detectable=figure(self.smallest_detectable),
            base_before=int(self.base_before[index]),
            base_after=int(self.base_after[index]),
            level=self.level,
            method=self.method,
            metric=self.metric,
            se=figure(self.se),
            df=figure(self.df),
        )


def difference(
    before: Tally,
    after: Tally,
    metric: Metric | str = NPS,
    *,
    level: float = 0.95,
    clusters_before: ClusterTally | None = None,
    clusters_after: ClusterTally | None = None,
) -> Difference:
    """Return the change from one tally to another, taken for different people.

    Weights are allowed for by themselves; give both cluster tallies when answers come from
    repeated people or accounts. If the same people answered both times, use `paired_difference`.
    """
    metric = get(metric)
    return differences(
        Cells.of_tallies(metric, [before]),
        Cells.of_tallies(metric, [after]),
        level=level,
        clustering_before=None if clusters_before is None else Clustering.of(clusters_before),
        clustering_after=None if clusters_after is None else Clustering.of(clusters_after),
    )[0]


def difference_many(
    before: ArrayLike, after: ArrayLike, metric: Metric | str = NPS, *, level: float = 0.95
) -> Differences:
    """Return the changes of many unweighted pairs, counts shaped (cells, answers)."""
    metric = get(metric)
    return differences(Cells.of(metric, before), Cells.of(metric, after), level=level)


def differences(
    before: Cells,
    after: Cells,
    *,
    level: float = 0.95,
    clustering_before: Clustering | None = None,
    clustering_after: Clustering | None = None,
) -> Differences:
    """Return the changes of prepared cells: pseudo-counts in each group, Welch's t."""
    check_level(level)
    centre_a, error_a, df_a = _side(before, clustering_before)
    centre_b, error_b, df_b = _side(after, clustering_after)
    error = error_a + error_b
    df = error**2 / (error_a**2 / df_a + error_b**2 / df_b)
    return assembled(before, after, centre_b - centre_a, np.sqrt(error), df, level, "welch-t")


def _side(cells: Cells, clustering: Clustering | None) -> tuple[Floats, Floats, Floats]:
    """Return the adjusted score, its variance and its degrees of freedom."""
    star = effective_base(cells, clustering)
    group = pseudo.adjusted(cells, star, pseudo.EACH_GROUP)
    df = group.total - 1 if clustering is None else np.maximum(clustering.members - 1, 0.1)
    return group.centre, group.v / (group.total - 1), df


def assembled(
    before: Cells, after: Cells, centre: Floats, se: Floats, df: Floats, level: float, method: str
) -> Differences:
    """Make interval, test and smallest detectable change from a centre and its error."""
    floor, ceiling = after.metric.bounds
    span = float(ceiling - floor)
    reach = t_quantile(0.5 + level / 2, df)
    value = after.theta - before.theta
    empty = np.isnan(value)
    low = np.minimum(np.clip(centre - reach * se, -span, span), value)
    high = np.maximum(np.clip(centre + reach * se, -span, span), value)
    p_value = np.minimum(1.0, 2 * t_upper(np.abs(centre) / se, df))
    detectable = np.minimum((reach + normal_quantile(POWER)) * se, span)

    def shown(x: Floats) -> Floats:
        return np.where(empty, np.nan, x)

    return Differences(
        value=value,
        low=shown(low),
        high=shown(high),
        p_value=shown(p_value),
        smallest_detectable=shown(detectable),
        base_before=np.rint(before.base).astype(np.int64),
        base_after=np.rint(after.base).astype(np.int64),
        se=shown(se),
        df=shown(df),
        level=level,
        method=method,
        metric=after.metric,
    )


def _ceiling(change: float, metric: Metric) -> str:
    """Round a detectable change up, so that the promise holds: whole points where they suit."""
    places = 0 if metric.decimals == 1 and change >= 1 else metric.decimals
    factor = 10**places
    return number(np.ceil(round(change * factor, 6)) / factor, places)
