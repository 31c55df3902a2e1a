"""Outcome rates by the standard definitions, with intervals that allow for waves that differ.

AAPOR, "Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys" (10th
edition, 2023). I complete and P partial answers, R refusals, NC never reached, O others, U of
unknown eligibility:

    RR1 = I / (I + P + R + NC + O + U)          RR2 with P in the numerator as well
    RR5 = I / (I + P + R + NC + O)              RR6 with P: nobody of unknown eligibility counts
    COOP1 = I / (I + P + R + O)                 COOP2 with P
    REF1 = R / (I + P + R + NC + O + U)
    CON1 = (I + P + R + O) / (I + P + R + NC + O + U)

The interval is Wilson's (1927). Where several waves are put together, the people of one have more
in common than chance allows (its hour, its subject line): the base is divided by the dispersion φ =
X²/(k − 1), never below 1, of a quasi-binomial model (McCullagh & Nelder 1989, "Generalized Linear
Models", section 4.5.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from promontory.errors import BadInput
from promontory.measurement.sampling.rates import ResponseRate, response_rate


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many of those asked ended how, in AAPOR's groups."""

    complete: int = 0
    partial: int = 0
    refused: int = 0
    not_reached: int = 0
    other: int = 0
    unknown: int = 0

    def __post_init__(self) -> None:
        if min(self._all) < 0:
            raise BadInput("Nobody can be counted less than not at all.")

    @property
    def _all(self) -> tuple[int, ...]:
        return (
            self.complete,
            self.partial,
            self.refused,
            self.not_reached,
            self.other,
            self.unknown,
        )

    @property
    def asked(self) -> int:
        """Everybody who was asked."""
        return sum(self._all)

    @property
    def answered(self) -> int:
        """Who answered, wholly or in part."""
        return self.complete + self.partial

    @property
    def reached(self) -> int:
        """Who is known to have been reached."""
        return self.answered + self.refused + self.other

    def __add__(self, more: Outcomes) -> Outcomes:
        return Outcomes(*(a + b for a, b in zip(self._all, more._all, strict=True)))


@dataclass(frozen=True, slots=True)
class Rates:
    """The outcome rates of some people asked; each is None in value where nobody is in its base."""

    rr1: ResponseRate
    rr2: ResponseRate
    rr5: ResponseRate
    rr6: ResponseRate
    cooperation1: ResponseRate
    cooperation2: ResponseRate
    refusal1: ResponseRate
    contact1: ResponseRate


def rates(found: Outcomes, *, spread: float = 1.0, level: float = 0.95) -> Rates:
    """Return every outcome rate; `spread` is the dispersion φ between the waves put together."""
    known = found.asked - found.unknown

    def rate(answered: int, asked: int) -> ResponseRate:
        return response_rate(answered, asked, spread=spread, level=level)

    return Rates(
        rr1=rate(found.complete, found.asked),
        rr2=rate(found.answered, found.asked),
        rr5=rate(found.complete, known),
        rr6=rate(found.answered, known),
        cooperation1=rate(found.complete, found.reached),
        cooperation2=rate(found.answered, found.reached),
        refusal1=rate(found.refused, found.asked),
        contact1=rate(found.reached, found.asked),
    )


def pooled(groups: Sequence[tuple[int, int]], *, level: float = 0.95) -> tuple[ResponseRate, float]:
    """Return the rate of waves put together, given as (answered, asked), and their dispersion."""
    spread = dispersion(groups)
    answered, asked = sum(x for x, _ in groups), sum(n for _, n in groups)
    return response_rate(answered, asked, spread=spread, level=level), spread


def dispersion(groups: Iterable[tuple[int, int]]) -> float:
    """Return φ of groups given as (answered, asked): Pearson's X² over k − 1, at least 1.

    1 is what chance alone gives; one group, or none but full or empty ones, cannot show more.
    """
    found = [(x, n) for x, n in groups if n > 0]
    answered, asked = sum(x for x, _ in found), sum(n for _, n in found)
    if len(found) < 2 or answered in (0, asked):
        return 1.0
    p = answered / asked
    square = sum((x - n * p) ** 2 / (n * p * (1 - p)) for x, n in found)
    return max(1.0, square / (len(found) - 1))
