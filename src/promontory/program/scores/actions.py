"""What can be done about scores: methods are made, never changed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from promontory.errors import BadInput, Place
from promontory.measurement import metrics
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.scores.models import Method
from promontory.program.surveys.models import Survey
from promontory.warehouse.question import ANY_EXCLUSION

INTERVALS = ("rocks-t", "rocks", "score", "jeffreys")
CLUSTERS = ("auto", "person", "account", "none")


@transaction.atomic
def ensure_default_method(*, by: Viewer, at: datetime) -> Method:
    """Make the first method, by which every survey is scored until it has one of its own.

    The recommendation score, every exclusion counted out, repeated people allowed for.
    """
    first = Method.objects.filter(survey=None).order_by("number").first()
    if first is not None:
        return first
    return _make(
        Method(survey=None, number=1, name="Standard", counts_out=ANY_EXCLUSION), by=by, at=at
    )


@transaction.atomic
def new_method(
    *,
    name: str,
    survey: Survey | None = None,
    metric: str = "nps",
    level: Decimal = Decimal("0.95"),
    interval: str = "rocks-t",
    cluster: str = "auto",
    counts_out: int = ANY_EXCLUSION,
    minimum_base: int = 30,
    widest_interval: int = 40,
    minimum_group: int = 5,
    by: Viewer,
    at: datetime,
) -> Method:
    """Make the next version of the method of a survey (or, without one, of all surveys)."""
    by.must(Can.MANAGE_METHOD)
    metrics.get(metric)
    _check("interval", interval, INTERVALS)
    _check("cluster", cluster, CLUSTERS)
    if not Decimal("0.5") <= level < 1:
        raise BadInput("The level lies between 0.5 and 1.", place=Place(field="level"))
    if minimum_group < 3:
        raise BadInput(
            "A group of fewer than 3 people would give its members away.",
            remedy="Choose 3 or more; 5 is usual.",
            place=Place(field="minimum group"),
        )
    newest = Method.objects.filter(survey=survey).aggregate(newest=Max("number"))["newest"] or 0
    method = Method(
        survey=survey,
        number=newest + 1,
        name=name.strip() or "Method",
        metric=metric,
        level=level,
        interval=interval,
        cluster=cluster,
        counts_out=counts_out,
        minimum_base=minimum_base,
        widest_interval=widest_interval,
        minimum_group=minimum_group,
    )
    return _make(method, by=by, at=at)


def _check(field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadInput(
            f"There is no {field} “{value}”.",
            remedy=f"Known: {', '.join(known)}.",
            place=Place(field=field),
        )


def _make(method: Method, *, by: Viewer, at: datetime) -> Method:
    method.created_at, method.by = at, by.by
    method.save()
    rules = {
        "metric": method.metric,
        "level": str(method.level),
        "interval": method.interval,
        "cluster": method.cluster,
        "counts_out": method.counts_out,
        "minimum_base": method.minimum_base,
        "widest_interval": method.widest_interval,
        "minimum_group": method.minimum_group,
        "survey": method.survey_id,
        "number": method.number,
    }
    audit("make", method, by=by, at=at, detail=rules)
    return method
