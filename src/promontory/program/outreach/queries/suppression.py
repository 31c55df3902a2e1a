"""How many were held back from being asked, and why: what goes beside every score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from promontory.program.outreach.codes import HELD, Disposition, WaveKind, WaveState
from promontory.program.outreach.models import EventCase, Wave
from promontory.program.outreach.queries.reconciling import in_frame
from promontory.program.surveys.models import Survey

MOST_WAVES = 400


@dataclass(frozen=True, slots=True)
class Suppression:
    """Who was held back when the waves of some time were drawn, and how many could be asked.

    `bad_moments` are those held back by a hold: they are not like the others, and the bound of
    what that does to the score is made from them. `eligible` could be asked, whether they were
    drawn or not: what is held back is a part of the customers, not of the sample.
    """

    held: Mapping[int, int]
    eligible: int
    waves: int

    @property
    def bad_moments(self) -> int:
        return self.held.get(int(Disposition.HELD_HOLD), 0)

    @property
    def share(self) -> float | None:
        """The part of those held back for a bad moment; None when nobody was in a frame."""
        return self._of(self.bad_moments)

    @property
    def share_held(self) -> float | None:
        """The part of those held back for any reason; None when nobody was in a frame."""
        return self._of(sum(self.held.values()))

    def _of(self, part: int) -> float | None:
        whole = sum(self.held.values()) + self.eligible
        return part / whole if whole else None


def suppression(survey: Survey, first: datetime, last: datetime) -> Suppression:
    """Return who was held back in a survey's waves that asked from `first` until before `last`.

    A drawn wave asks from its drawing until it closes. None were, where there is no wave: answers
    from elsewhere have no frame. Two statements, however many people there are.
    """
    held: Counter[int] = Counter()
    eligible = 0
    event_waves: list[int] = []
    found = asking(survey, first, last).annotate(then=KeyTransform("held", "dry_run"))
    rows = list(
        found.order_by("-drawn_at").values_list("pk", "kind", "eligible", "then")[:MOST_WAVES]
    )
    for pk, kind, may, then in rows:
        if kind == WaveKind.EVENT:
            event_waves.append(pk)
            continue
        eligible += may
        held.update(_at_the_draw(pk, then))
    if event_waves:
        cases = EventCase.objects.filter(wave__in=event_waves, decided_at__isnull=False)
        counted = cases.order_by().values_list("disposition").annotate(n=Count("pk"))
        for code, n in counted:
            if code in HELD:
                held[code] += n
            elif code != Disposition.UNREACHABLE:
                eligible += n
    return Suppression(dict(held), eligible, len(rows))


def asked_so_far(survey: Survey) -> tuple[object, ...]:
    """Return what changes whenever somebody more was asked or held back: for validators."""
    wave = Wave.objects.filter(survey=survey, drawn_at__isnull=False).order_by("-drawn_at")
    case = EventCase.objects.filter(survey=survey, decided_at__isnull=False).order_by("-pk")
    newest = wave.values_list("pk", "state", "eligible", "closes_at").first()
    return newest, case.values_list("pk", "decided_at").first()


def asking(survey: Survey, first: datetime, last: datetime) -> QuerySet[Wave]:
    """Return the waves of a survey that asked from `first` until before `last`."""
    done = Wave.objects.filter(survey=survey, is_test=False, drawn_at__lt=last).exclude(
        state__in=[WaveState.DRAFT, WaveState.DRAWING, WaveState.CANCELLED]
    )
    until = Q(kind=WaveKind.DRAWN, closes_at__gte=first)
    return done.filter(Q(drawn_at__gte=first) | until)


def _at_the_draw(pk: int, then: Any) -> dict[int, int]:
    """Return who was held back at the draw, as it was said then, else as the frame has it."""
    if isinstance(then, dict):
        return {int(code): int(n) for code, n in then.items()}
    frame = in_frame(Wave.objects.get(pk=pk))
    return {code: n for code, n in frame.items() if code in HELD}
