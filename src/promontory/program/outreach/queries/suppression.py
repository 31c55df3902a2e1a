"""How many were held back from being asked, and why: what goes beside every score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from promontory.program.outreach.codes import HELD, Disposition, WaveState
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries.reconciling import reconcile
from promontory.program.surveys.models import Survey

MOST_WAVES = 400


@dataclass(frozen=True, slots=True)
class Suppression:
    """Who was held back in the waves of some time; `asked` were invited.

    `bad_moments` are those held back by a hold: they are not like the others, and the bound of
    what that does to the score is made from them.
    """

    held: Mapping[int, int]
    asked: int
    waves: int

    @property
    def bad_moments(self) -> int:
        return self.held.get(int(Disposition.HELD_HOLD), 0)

    @property
    def share(self) -> float | None:
        """The part of those held back for a bad moment; None when nobody was in a frame."""
        whole = self.bad_moments + self.asked
        return self.bad_moments / whole if whole else None


def suppression(survey: Survey, first: datetime, last: datetime) -> Suppression:
    """Return who was held back in a survey's waves drawn from `first` until before `last`.

    None were, where there is no wave: answers from elsewhere have no frame.
    """
    drawn = Wave.objects.filter(
        survey=survey, is_test=False, drawn_at__gte=first, drawn_at__lt=last
    ).exclude(state__in=[WaveState.DRAFT, WaveState.DRAWING, WaveState.CANCELLED])
    held: Counter[int] = Counter()
    asked = waves = 0
    for wave in drawn.order_by("-drawn_at")[:MOST_WAVES]:
        found = reconcile(wave)
        held.update({code: n for code, n in found.counts.items() if code in HELD})
        asked += found.invited
        waves += 1
    return Suppression(dict(held), asked, waves)
