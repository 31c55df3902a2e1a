"""Beside a score: who was held back from being asked, and how far that could move it."""

from __future__ import annotations

from dataclasses import dataclass

from promontory.charts import words
from promontory.measurement import Tally
from promontory.measurement.metrics import Metric
from promontory.measurement.sampling import SuppressionBounds, suppression_bounds
from promontory.program.outreach.queries import Suppression, suppression
from promontory.program.scores.queries.asking import bounds
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.periods import Period

ASSUMED = (
    "The outer bounds assume nothing but that they would have answered as often as the others; "
    "the likely one, that they stand no higher, and lower by one standard deviation at most."
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Who was held back in the waves of a period; `bounds` are None while nobody has answered.

    Without a frame nobody could be held back, and nothing is known of those who did not answer.
    """

    suppression: Suppression
    bounds: SuppressionBounds | None
    metric: Metric

    @property
    def framed(self) -> bool:
        return self.suppression.share_held is not None

    @property
    def sentence(self) -> str:
        """Say what was held back and what that could do, in words."""
        shares = self.suppression
        if shares.share_held is None:
            return (
                "These answers come from an unknown population: no sample was drawn for them, so "
                "it cannot be said who was not asked."
            )
        if not sum(shares.held.values()):
            return "Nobody who could have been asked was held back."
        said = f"{_percent(shares.share_held)} of those eligible were held back"
        if not shares.bad_moments:
            return f"{said}, nobody for a bad moment."
        said = f"{said}, {_percent(shares.share or 0)} for bad moments"
        found = self.bounds
        if found is None or found.worst is None or found.best is None or found.plausible is None:
            return f"{said}."
        low, high, likely = (self._points(x) for x in (found.worst, found.best, found.plausible))
        return (
            f"{said}; had they answered, the score would lie between {low} and {high}, "
            f"likely not below {likely}."
        )

    @property
    def assumed(self) -> str:
        """What the bounds assume; "" where there are none."""
        return ASSUMED if self.suppression.bad_moments and self.bounds is not None else ""

    def _points(self, value: float) -> str:
        return words.decimal(value, self.metric.decimals, signed=self.metric.bounds[0] < 0)


def held_back(source: Source, period: Period, tally: Tally | None) -> HeldBack | None:
    """Return who was held back from a survey in a period, and the bound of what that does.

    It is known for a survey as a whole: who sees some units only, sees none of it.
    """
    if source.viewer.units is not None:
        return None
    found = suppression(source.survey, *bounds(period))
    limits = None
    if tally is not None and tally.base and found.bad_moments:
        limits = suppression_bounds(
            tally,
            found.bad_moments,
            sum(found.held.values()) + found.eligible - found.bad_moments,
            source.metric,
        )
    return HeldBack(found, limits, source.metric)


def _percent(share: float) -> str:
    """Return a share in percent, with a decimal where it is small."""
    if 0 < share < 0.001:
        return "less than 0.1\u00a0%"
    return words.percent(100 * share, 0 if share >= 0.1 else 1)
