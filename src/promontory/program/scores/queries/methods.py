"""Which method a number is made by."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from promontory.errors import NotFound
from promontory.program.organization.access import Can, Viewer
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


def all_methods(*, viewer: Viewer) -> QuerySet[Method]:
    """Return every version of every method."""
    viewer.must(Can.SEE_SCORES)
    return Method.objects.select_related("survey")


def one_method(pk: int, *, viewer: Viewer) -> Method:
    """Return one version of a method."""
    found = all_methods(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such method.")
    return found
