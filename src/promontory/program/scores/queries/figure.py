"""Figure: the one form in which a number leaves this context, for pages, API and exports alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

from promontory import charts
from promontory.measurement import Estimate
from promontory.measurement.gates import precision
from promontory.measurement.metrics import Metric
from promontory.program.scores.models import Method


def scale_of(metric: Metric) -> charts.Scale:
    """Return how a metric's numbers are written and drawn."""
    low, high = metric.bounds
    unit = "%" if (low, high) == (0, 100) else ""
    return charts.Scale(metric.name, float(low), float(high), metric.decimals, low < 0, unit)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its base, interval, method, as-of position and label, or why it is withheld.

    `withheld` is the confidentiality gate's word and leaves no number behind; `imprecise` the
    precision gate's, and `incomplete` says that the period has not ended.
    """

    label: str
    estimate: Estimate | None
    metric: Metric
    method: str
    position: int
    withheld: str = ""
    imprecise: str = ""
    incomplete: str = ""

    @property
    def standing(self) -> charts.Standing:
        if self.withheld:
            return "withheld"
        if self.estimate is None or self.estimate.empty:
            return "empty"
        if self.incomplete:
            return "incomplete"
        return "imprecise" if self.imprecise else "sound"

    @property
    def drawn(self) -> charts.Figure:
        """The figure as cards and charts take it."""
        scale = scale_of(self.metric)
        if self.withheld:
            return charts.Figure.withheld(self.withheld, scale=scale)
        if self.estimate is None:
            return charts.Figure(None, None, None, 0, scale=scale)
        return charts.Figure(
            self.estimate.value,
            self.estimate.low,
            self.estimate.high,
            self.estimate.base,
            self.standing,
            self.incomplete or self.imprecise,
            scale,
            self.estimate.level,
        )

    @property
    def base(self) -> int | None:
        """How many answers it rests on; None when that may not be said."""
        return None if self.estimate is None else self.estimate.base

    @property
    def text(self) -> str:
        return self.drawn.sentence

    def named(self, label: str) -> Figure:
        """Return the same figure under another label."""
        return replace(self, label=label)

    def to_dict(self) -> dict[str, object]:
        """Return plain, unrounded values."""
        estimate = self.estimate
        return {
            "label": self.label,
            "metric": self.metric.key,
            "value": estimate and estimate.value,
            "low": estimate and estimate.low,
            "high": estimate and estimate.high,
            "base": estimate and estimate.base,
            "effective_base": estimate and estimate.effective_base,
            "level": estimate and estimate.level,
            "interval": estimate and estimate.method,
            "clusters": estimate and estimate.clusters,
            "method": self.method,
            "position": self.position,
            "standing": self.standing,
            "reason": self.withheld or self.incomplete or self.imprecise,
        }


def figure(
    label: str, estimate: Estimate, method: Method, position: int, *, incomplete: str = ""
) -> Figure:
    """Return the figure of an estimate, judged by the method's precision."""
    # The method's widest interval is in points of a score from −100 to 100.
    floor, ceiling = estimate.metric.bounds
    widest = method.widest_interval * (ceiling - floor) / 200
    verdict = precision(estimate, minimum_base=method.minimum_base, widest=widest)
    return Figure(
        label,
        estimate,
        estimate.metric,
        str(method),
        position,
        imprecise="" if verdict.enough or estimate.empty else verdict.reason,
        incomplete=incomplete,
    )


def withheld(label: str, metric: Metric, method: Method, position: int, reason: str) -> Figure:
    """Return a figure that says only why it may not be shown."""
    return Figure(label, None, metric, str(method), position, withheld=reason)
