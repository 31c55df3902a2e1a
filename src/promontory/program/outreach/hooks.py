"""Where the contexts above plug in: each adds its line when its app is ready.

hooks.spreads.add("scores", past_spreads)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from promontory.program.surveys.models import Survey
from promontory.registry import Registry


class Spreads(Protocol):
    """What is known of how far the answers of each stratum spread.

    A stratum is its codes {dimension key: code}; the spread is the standard deviation of the
    points. Strata without enough answers are left out.
    """

    def __call__(
        self, survey: Survey, strata: Sequence[Mapping[str, int]], *, at: datetime
    ) -> Mapping[int, float]: ...


spreads: Registry[Spreads] = Registry("source of spreads")
