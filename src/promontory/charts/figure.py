"""A number as it may be shown: with its interval and base, or else withheld with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from promontory.charts import words
from promontory.errors import BadInput

Standing = Literal["sound", "imprecise", "incomplete", "withheld", "empty"]

STANDINGS: dict[Standing, str] = {
    "sound": "sound",
    "imprecise": "imprecise",
    "incomplete": "incomplete so far",
    "withheld": "Withheld",
    "empty": "No answers",
}


class Measured(Protocol):
    """What a figure is made from: anything with a value, an interval and a base."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def base(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Scale:
    """How a metric's numbers are written and how far their axis may reach."""

    name: str = "Score"
    low: float = -100.0
    high: float = 100.0
    digits: int = 1
    signed: bool = True
    unit: str = ""

    def text(self, value: float, *, signed: bool | None = None) -> str:
        """Return the value in this scale's digits, sign and unit."""
        written = words.decimal(
            value, self.digits, signed=self.signed if signed is None else signed
        )
        return f"{written}\u00a0{self.unit}" if self.unit else written


SCORE = Scale("Net Promoter Score")
PERCENT = Scale("Share", 0.0, 100.0, 1, False, "%")
DIFFERENCE = Scale("Difference", -200.0, 200.0, 1, True)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its interval and base; the only form in which a chart or card takes one."""

    value: float | None
    low: float | None
    high: float | None
    base: int
    standing: Standing = "sound"
    reason: str = ""
    scale: Scale = field(default=SCORE)
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.standing == "withheld":
            if self.value is not None or self.low is not None or self.high is not None:
                raise BadInput("A withheld figure must not carry its value.")
            if not self.reason:
                raise BadInput("A withheld figure must say why it is withheld.")
            return
        if self.value is None:
            object.__setattr__(self, "standing", "empty")
            return
        if self.low is None or self.high is None:
            raise BadInput("A figure without its interval is never shown.")
        if not self.low <= self.value <= self.high:
            # The adjusted interval is centred off the raw score; at the corners it may miss it.
            object.__setattr__(self, "low", min(self.low, self.value))
            object.__setattr__(self, "high", max(self.high, self.value))

    @classmethod
    def of(
        cls,
        measured: Measured,
        *,
        scale: Scale = SCORE,
        standing: Standing = "sound",
        reason: str = "",
    ) -> Figure:
        """Return the figure of an estimate, or of what has its value, low, high and base."""
        return cls(
            measured.value, measured.low, measured.high, measured.base, standing, reason, scale
        )

    @classmethod
    def withheld(cls, reason: str, *, scale: Scale = SCORE) -> Figure:
        """Return a figure that shows only why it may not be shown."""
        return cls(None, None, None, 0, "withheld", reason, scale)

    @property
    def shown(self) -> bool:
        return self.value is not None

    @property
    def text(self) -> str:
        """The value, or in one word why there is none."""
        return self.standing_text if self.value is None else self.scale.text(self.value)

    @property
    def interval_text(self) -> str:
        """The interval as “28.9 to 34.2”, or nothing."""
        if self.low is None or self.high is None:
            return ""
        return f"{self.scale.text(self.low)} to {self.scale.text(self.high)}"

    @property
    def between(self) -> str:
        """The interval in words: “between +28.9 and +34.2”."""
        if self.low is None or self.high is None:
            return ""
        return f"between {self.scale.text(self.low)} and {self.scale.text(self.high)}"

    @property
    def level_text(self) -> str:
        return f"{self.level * 100:g}\u00a0% interval"

    @property
    def span(self) -> str:
        """The interval in words with its level: “between +28.9 and +34.2 (95 %)”."""
        return f"{self.between} ({self.level * 100:g}\u00a0%)" if self.between else ""

    @property
    def base_text(self) -> str:
        return "" if self.standing == "withheld" else words.people(self.base)

    @property
    def standing_text(self) -> str:
        return STANDINGS[self.standing]

    @property
    def sentence(self) -> str:
        """The whole figure in words, for those who hear it instead of seeing it."""
        if self.value is None:
            return f"{self.standing_text}{': ' + self.reason if self.reason else ''}"
        note = "" if self.standing == "sound" else f", {self.standing_text}"
        return f"{self.text}, {self.span}, {self.base_text}{note}"

    @property
    def ends(self) -> tuple[str, str]:
        """The ends of the strip's scale."""
        scale = self.scale
        return (
            words.decimal(scale.low, 0, signed=scale.signed),
            words.decimal(scale.high, 0, signed=scale.signed),
        )

    @property
    def strip(self) -> str:
        """The figure drawn on one line, as SVG for a page."""
        from promontory.charts.strip import strip

        return strip(self)
