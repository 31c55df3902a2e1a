"""Estimate: a score that never travels without its base and its interval."""

from __future__ import annotations

from dataclasses import dataclass, field

from promontory.measurement.metrics import Metric


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score with its interval, in points of its metric (−100…100 for NPS).

    `value` is the raw score; `low` and `high` enclose it at `level`. All three are None when
    nobody answered: an empty base has no score. `base` counts respondents, `effective_base` what
    they are worth once weights and repeated people are allowed for (n* of the interval).
    `se` and `df` are those the interval was made with; `clusters` how many people or accounts the
    answers came from, when that was taken into account. `notes` are assumptions to be printed.
    """

    value: float | None
    low: float | None
    high: float | None
    base: int
    effective_base: float
    level: float
    method: str
    metric: Metric
    se: float | None = None
    df: float | None = None
    clusters: int | None = None
    population: int | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether nobody answered."""
        return self.value is None

    @property
    def width(self) -> float | None:
        """The distance from low to high, in points."""
        return None if self.low is None or self.high is None else self.high - self.low

    def text(self) -> str:
        """Return "42.3 (38.9 to 45.6), n = 1,204", or "no answers"."""
        if self.value is None or self.low is None or self.high is None:
            return "no answers"
        figures = (number(f, self.metric.decimals) for f in (self.value, self.low, self.high))
        return "{} ({} to {}), n = {:,}".format(*figures, self.base)

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "metric": self.metric.key,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "base": self.base,
            "effective_base": self.effective_base,
            "level": self.level,
            "method": self.method,
            "clusters": self.clusters,
            "population": self.population,
            "notes": list(self.notes),
        }


def number(value: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Return a figure with a true minus sign, never "−0.0".

    >>> number(-8.25), number(3.1, signed=True)
    ('−8.2', '+3.1')
    """
    rounded = round(value, decimals) + 0.0
    text = f"{abs(rounded):,.{decimals}f}"
    if rounded < 0:
        return f"−{text}"
    return f"+{text}" if signed and rounded > 0 else text
