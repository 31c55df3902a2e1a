"""How far earlier answers spread in each stratum of a sample to be: what allocations rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from promontory.errors import Refusal
from promontory.measurement.inference.moments import Cells
from promontory.program.organization.access import SYSTEM
from promontory.program.scores.queries.source import open_source
from promontory.program.scores.rules.view import View
from promontory.program.surveys.models import Survey

FEWEST = 30
"""From fewer answers a spread is a guess."""


def past_spreads(
    survey: Survey, strata: Sequence[Mapping[str, int]], *, at: datetime
) -> dict[int, float]:
    """Return the standard deviation of the points of earlier answers, by number of stratum.

    Strata with too few answers are left out, and all are where the survey has no score yet.
    """
    keys = tuple(strata[0]) if strata else ()
    if not keys:
        return {}
    try:
        source = open_source(SYSTEM, View(survey=survey.key), at=at)
        columns = tuple(source.slices[key].column for key in keys)
        counts = source.count(by=columns)
    except Refusal:
        return {}
    wanted = [tuple(stratum[key] for key in keys) for stratum in strata]
    cells = Cells.of(source.metric, counts.matrix(wanted))
    return {
        number: float(cells.v[number]) ** 0.5
        for number, base in enumerate(cells.base.tolist())
        if base >= FEWEST
    }
