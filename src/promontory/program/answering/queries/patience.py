"""Which of what was kept waits for company, so that nobody can be told by the order of answers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from promontory.program.answering.codes import Act
from promontory.program.answering.models import Intake
from promontory.program.answering.rules.patience import may_settle
from promontory.program.surveys.models import Survey

_ANSWERS = (Act.PARTIAL, Act.COMPLETE)


def in_turn() -> QuerySet[Intake]:
    """Return the acts that are settled in the order in which they came."""
    return Intake.objects.filter(problem="").exclude(_nameless()).order_by("pk")


def in_company(survey: int) -> QuerySet[Intake]:
    """Return what was clicked and answered on the invitations of an anonymous survey."""
    return Intake.objects.filter(_nameless(), problem="", survey=survey).order_by("pk")


def ready(*, at: datetime) -> list[int]:
    """Return the anonymous surveys whose answers have waited enough."""
    found = Intake.objects.filter(_nameless(), problem="").order_by().values_list("survey")
    counted = found.annotate(
        people=Count("invitation", distinct=True, filter=Q(act__in=_ANSWERS)),
        oldest=Min("received_at"),
    )
    return [survey for survey, people, oldest in counted if may_settle(people, oldest, at)]


def _nameless() -> Q:
    anonymous = Survey.objects.filter(promise="anonymous").values("pk")
    # A click waits beside its answer: the two together tell a machine from a person.
    acts = (*_ANSWERS, Act.CLICKED)
    return Q(act__in=acts, invitation__isnull=False, survey__in=anonymous)
