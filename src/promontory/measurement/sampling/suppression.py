"""How far the score could be off because some customers were held back from being asked.

Who is held back after a bad moment is not like the others, and their answers are not there. Without
any assumption, the score of everybody lies between what it were if all of them gave the worst
answer and what it were if all gave the best (Manski 1989, "Anatomy of the selection problem";
2003, "Partial Identification of Probability Distributions", chapter 1). Under the assumption that
the average of those held back is not above that of those asked, and below it by at most one
standard deviation of their answers, the bounds narrow (bounded variation: Manski & Pepper 2018,
"How do right-to-carry laws affect crime rates?"). The assumption is said beside the figure.
"""

from __future__ import annotations

from dataclasses import dataclass

from promontory.errors import BadInput
from promontory.measurement.inference.moments import Cells
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally


@dataclass(frozen=True, slots=True)
class SuppressionBounds:
    """The score of those who answered, and between what it lies with those held back included.

    `worst` and `best` need no assumption about those held back; `plausible` is the lower end if
    they are at most `gap` points below the others (and not above them). All are None while nobody
    has answered.
    """

    share: float
    score: float | None
    worst: float | None
    best: float | None
    plausible: float | None
    gap: float | None


def suppression_bounds(
    tally: Tally, held: int, asked: int, metric: Metric | str = NPS, *, gap: float | None = None
) -> SuppressionBounds:
    """Bound the score had the `held` been asked beside the `asked` and answered as often.

    `gap` is by how many points those held back may be below those who answered (None: one standard
    deviation of the answers).
    """
    metric = get(metric)
    if held < 0 or asked < 0:
        raise BadInput("Nobody can be counted less than not at all.")
    if gap is not None and gap < 0:
        raise BadInput("The gap is in points, zero or more.")
    share = held / (held + asked) if held + asked else 0.0
    if not tally.base:
        return SuppressionBounds(share, None, None, None, None, None)
    cells = Cells.of_tallies(metric, [tally])
    score, floor, ceiling = float(cells.theta[0]), *metric.bounds
    gap = float(cells.v[0]) ** 0.5 if gap is None else gap

    def with_held(theirs: float) -> float:
        return (1 - share) * score + share * theirs

    return SuppressionBounds(
        share=share,
        score=score,
        worst=with_held(floor),
        best=with_held(ceiling),
        plausible=with_held(max(float(floor), score - gap)),
        gap=gap,
    )
