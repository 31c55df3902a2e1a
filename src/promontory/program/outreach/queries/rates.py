"""How many of those asked have answered, by survey: what a plan may expect."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from promontory.measurement.sampling import ResponseRate, response_rate
from promontory.program.outreach.codes import VOID, Disposition
from promontory.program.outreach.models import Invitation
from promontory.program.surveys.models import Survey

RECENT = timedelta(days=400)
_FEWEST = 50


def counted(counts: dict[int, int], *, partial: bool = False) -> ResponseRate:
    """Return the response rate of dispositions: AAPOR's RR1, or RR2 with the partial answers.

    Asked is who was invited; those held back, not reachable or still planned are not.
    """
    never = {Disposition.NOT_DRAWN, Disposition.PLANNED, *VOID}
    asked = sum(n for code, n in counts.items() if code not in never)
    answered = counts.get(Disposition.ANSWERED, 0)
    if partial:
        answered += counts.get(Disposition.PARTIAL, 0)
    return response_rate(answered, asked)


def expected_rate(survey: Survey, *, at: datetime) -> float | None:
    """Return the response rate of a survey's waves that have closed lately; None from too few."""
    past = Invitation.objects.filter(
        wave__survey=survey, wave__closes_at__lte=at, wave__closes_at__gt=at - RECENT
    ).filter(wave__is_test=False)
    rows = past.order_by().values_list("disposition").annotate(n=Count("pk"))
    rate = counted(dict(rows))
    return rate.value if rate.asked >= _FEWEST and rate.value else None
