"""Which method a number is made by."""

from __future__ import annotations

from django.db.models import F, Q

from promontory.errors import NotFound
from promontory.program.scores.models import Method
from promontory.program.surveys.models import Survey


def method_of(survey: Survey, metric: str, number: int | None = None) -> Method:
    """Return the survey's own newest method for a metric, else the newest that holds for all."""
    found = Method.objects.filter(Q(survey=survey) | Q(survey=None), metric=metric)
    if number is not None:
        found = found.filter(number=number)
    method = found.order_by(F("survey").asc(nulls_last=True), "-number").first()
    if method is None and number is None:
        # A metric without a method of its own is counted by the rules of the first one.
        method = Method.objects.filter(survey=None).order_by("-number").first()
    if method is None:
        raise NotFound(
            "There is no such method.", remedy="Leave the method out to take the newest."
        )
    return method
