"""Whether the seasons swing: an F-test of seasonal means over a straight line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.inference.quantiles import f_upper

Floats = NDArray[np.float64]

P_LIMIT = 0.01


def season_p_value(
    y: Floats, known: Floats, usable: NDArray[np.bool_], season: int
) -> float | None:
    """Return how likely chance alone makes seasons differ this much; None below two full cycles.

    Weighted least squares on known variances; the F-test allows for more spread than sampling.
    """
    if season < 2:
        raise BadInput("A season has at least two periods.")
    time = np.flatnonzero(usable)
    if time.size < 2 * season or len(np.unique(time % season)) < season:
        return None
    root = 1 / np.sqrt(known[usable])
    line = np.column_stack([np.ones(time.size), (time - time.mean()) / time.size])
    dummies = (time[:, None] % season == np.arange(1, season)[None, :]).astype(float)
    plain = _residual(line * root[:, None], y[usable] * root)
    full = _residual(np.hstack([line, dummies]) * root[:, None], y[usable] * root)
    spare = time.size - season - 1
    if spare < 1 or full <= 0:
        return None
    f = (plain - full) / (season - 1) / (full / spare)
    return float(f_upper(f, season - 1, spare))


def season_note(y: Floats, known: Floats, usable: NDArray[np.bool_], season: int) -> list[str]:
    """Return a sentence on the seasons, or why none can be made."""
    p = season_p_value(y, known, usable, season)
    if p is None:
        return [f"Two full cycles of {season} periods are needed to speak of seasons."]
    if p <= P_LIMIT:
        return ["The seasons differ by more than chance: compare with the same season last time."]
    return []


def _residual(design: Floats, y: Floats) -> float:
    solution, *_ = np.linalg.lstsq(design, y, rcond=None)
    return float(((y - design @ solution) ** 2).sum())
