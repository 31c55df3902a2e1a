"""Which channel is answered most, and how sure that is.

Each channel's true rate has the posterior Beta(½ + answered, ½ + not answered) under Jeffreys's
prior (Brown, Cai & DasGupta 2001, "Interval Estimation for a Binomial Proportion"). The chance that
a channel is the best of all is ∫ f(x) Π F(x) dx over the other channels' distribution functions;
for two it is the probability that one beats the other. It is integrated numerically after x =
sin²θ, which takes away the poles of the density at 0 and 1. Waves that differ by more than chance
make both counts smaller by their dispersion (see `outcomes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, pi, sqrt

import numpy as np

from promontory.errors import BadInput
from promontory.measurement.inference.special import beta_cdf, log_gamma

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)
_REACH = 12.0
"""So many standard deviations of θ either side of its middle are integrated over."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a channel did: so many asked, so many of them answered, and how far its waves differ."""

    answered: int
    asked: int
    spread: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.answered <= self.asked:
            raise BadInput(f"{self.answered:,} of {self.asked:,} cannot have answered.")
        if not self.spread >= 1:
            raise BadInput("The dispersion is 1 or more.")


@dataclass(frozen=True, slots=True)
class Chances:
    """The channels by their observed rate, the highest first, and the chance that each is best."""

    order: tuple[str, ...]
    best: Mapping[str, float]

    @property
    def leader(self) -> str | None:
        return self.order[0] if self.order else None


def chances(tried: Mapping[str, Tried], *, prior: float = 0.5) -> Chances:
    """Return the channels in the order of their rates, and the chance of each to be the best.

    The chances add up to 1. `prior` is what both counts begin with: ½ is Jeffreys's.
    """
    if not prior > 0:
        raise BadInput("The prior counts are above zero.")
    shape = {
        name: (
            prior + one.answered / one.spread,
            prior + (one.asked - one.answered) / one.spread,
        )
        for name, one in tried.items()
    }
    best = {name: _beats_all(name, shape) for name in shape}
    total = sum(best.values())
    mean = {name: a / (a + b) for name, (a, b) in shape.items()}
    order = sorted(shape, key=lambda name: (-mean[name], name))
    return Chances(tuple(order), {name: best[name] / total for name in order})


def _beats_all(name: str, shape: Mapping[str, tuple[float, float]]) -> float:
    a, b = shape[name]
    others = [shape[other] for other in shape if other != name]
    if not others:
        return 1.0
    middle, reach = asin(sqrt(a / (a + b))), _REACH / (2 * sqrt(a + b))
    low, high = max(0.0, middle - reach), min(pi / 2, middle + reach)
    theta = low + (high - low) * (_NODES + 1) / 2
    sine, cosine = np.sin(theta), np.cos(theta)
    log_beta = float(log_gamma(a) + log_gamma(b) - log_gamma(a + b))
    with np.errstate(divide="ignore"):
        log_density = (2 * a - 1) * np.log(sine) + (2 * b - 1) * np.log(cosine) - log_beta
    value = 2 * np.exp(log_density) * _WEIGHTS * (high - low) / 2
    for other in others:
        value = value * beta_cdf(sine**2, *other)
    return float(value.sum())
