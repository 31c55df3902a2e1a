"""What a survey's scores can be sliced and filtered by, and the metrics there are."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from promontory.errors import NotFound
from promontory.measurement import metrics
from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Cursor,
    Key,
    Limit,
    after,
    answers,
    encode_cursor,
    now,
    viewer,
)
from promontory.program.scores.queries.source import open_source
from promontory.program.scores.rules.view import View
from promontory.program.surveys.codes import METRIC_CODES

router = Router(tags=["scores"])


class SliceOut(Schema):
    """An attribute that you may slice this survey by."""

    key: str = Field(examples=["region"])
    label: str
    is_declared: bool


class SliceList(Schema):
    """The attributes, and the survey they are of."""

    survey: str
    items: list[SliceOut]


class ValueOut(Schema):
    """One value; filter by it as f.KEY=CODE."""

    code: int
    label: str


class ValuePage(Schema):
    """Values by code; `next` is the cursor of the page after it."""

    key: str
    items: list[ValueOut]
    next: str | None


class GroupOut(Schema):
    """A named group of answers."""

    key: str
    name: str
    answers: list[int]


class MetricOut(Schema):
    """A metric is a table of points; its score is their mean."""

    key: str
    name: str
    points: dict[int, int]
    groups: list[GroupOut]
    lowest: int
    highest: int
    unit: str


class MetricList(Schema):
    """The metrics that answers may feed."""

    items: list[MetricOut]


@router.get("/slices", response=answers(SliceList), summary="What one may slice by")
def list_slices(request: HttpRequest, survey: str = "", metric: str = "nps") -> SliceList:
    source = open_source(viewer(request), View(survey=survey, metric=metric), at=now())
    items = [
        SliceOut(key=one.key, label=one.label, is_declared=one.declared)
        for one in source.slices.values()
    ]
    return SliceList(survey=source.survey.key, items=items)


@router.get("/slices/{key}", response=answers(ValuePage), summary="The values of an attribute")
def list_values(
    request: HttpRequest,
    key: Key,
    survey: str = "",
    metric: str = "nps",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> ValuePage:
    source = open_source(viewer(request), View(survey=survey, metric=metric), at=now())
    if key not in source.slices:
        raise NotFound(f"There is no attribute “{key}” to slice by.")
    last = after(cursor)
    codes = sorted(source.slices.labels(key).items())
    rest = [(code, label) for code, label in codes if last is None or code > last]
    more = encode_cursor(rest[limit - 1][0]) if len(rest) > limit else None
    items = [ValueOut(code=code, label=label) for code, label in rest[:limit]]
    return ValuePage(key=key, items=items, next=more)


@router.get("/metrics", response=answers(MetricList), summary="The metrics there are")
def list_metrics(request: HttpRequest) -> MetricList:
    viewer(request).must(Can.SEE_SCORES)
    items = [
        MetricOut(
            key=one.key,
            name=one.name,
            points=dict(one.points),
            groups=[GroupOut(key=g.key, name=g.name, answers=list(g.answers)) for g in one.groups],
            lowest=one.bounds[0],
            highest=one.bounds[1],
            unit=one.unit,
        )
        for one in metrics.registry.values()
        if one.key in METRIC_CODES
    ]
    return MetricList(items=items)
