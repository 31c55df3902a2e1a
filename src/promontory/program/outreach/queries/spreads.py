"""How far earlier answers spread in each stratum, from whoever above knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from promontory.program.outreach import hooks
from promontory.program.surveys.models import Survey


def spreads_of(
    survey: Survey, strata: Sequence[Mapping[str, int]], *, at: datetime
) -> dict[int, float]:
    """Return the standard deviation of the points of earlier answers by number of stratum."""
    found: dict[int, float] = {}
    for source in hooks.spreads.values():
        found |= source(survey, strata, at=at)
    return found
