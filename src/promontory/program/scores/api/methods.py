"""Methods: the versioned rules by which answers become a score."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Cursor,
    Id,
    Limit,
    Slug,
    Strict,
    answers,
    now,
    page,
    viewer,
)
from promontory.program.responses.codes import Excluded
from promontory.program.scores import actions
from promontory.program.scores.models import Method
from promontory.program.scores.queries import methods
from promontory.program.surveys import queries as surveys

router = Router(tags=["methods"])
Reason = Literal[
    "test", "employee", "duplicate", "scanner", "straight_line", "staff_entered", "manual",
    "not_a_customer", "outside_population",
]  # fmt: skip
EVERY_REASON: list[Reason] = [
    "test", "employee", "duplicate", "scanner", "straight_line", "staff_entered", "manual",
    "not_a_customer", "outside_population",
]  # fmt: skip


class MethodOut(Schema):
    """A version of a method; it never changes. `survey` null holds for all surveys."""

    id: int
    survey: str | None
    number: int
    name: str
    metric: str
    level: float
    interval: str
    cluster: str
    counts_out: list[str] = Field(description="The exclusions that keep an answer out.")
    minimum_base: int
    widest_interval: int
    minimum_group: int
    created_at: datetime
    by: str


class MethodPage(Schema):
    """Methods, newest first; `next` is the cursor of the page after it."""

    items: list[MethodOut]
    next: str | None


class MethodIn(Strict):
    """The next version of the method of a survey (or, without one, of all surveys)."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    survey: Slug = ""
    metric: Literal["nps", "csat", "ces", "yes_no"] = "nps"
    level: Decimal = Field(
        Decimal("0.95"), ge=Decimal("0.5"), le=Decimal("0.999"), decimal_places=3
    )
    interval: Literal["rocks-t", "rocks", "score", "jeffreys"] = "rocks-t"
    cluster: Literal["auto", "person", "account", "none"] = "auto"
    counts_out: list[Reason] = Field(EVERY_REASON, max_length=len(EVERY_REASON))
    minimum_base: int = Field(30, ge=1, le=10_000)
    widest_interval: int = Field(40, ge=1, le=200)
    minimum_group: int = Field(5, ge=3, le=1_000)


def _out(method: Method) -> MethodOut:
    return MethodOut(
        id=method.pk,
        survey=method.survey.key if method.survey else None,
        counts_out=[name for name in EVERY_REASON if method.counts_out & Excluded[name.upper()]],
        level=float(method.level),
        **{
            name: getattr(method, name)
            for name in MethodOut.model_fields
            if name not in {"id", "survey", "counts_out", "level"}
        },
    )


@router.get("/methods", response=answers(MethodPage), summary="Methods")
def list_methods(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> MethodPage:
    found, following = page(methods.all_methods(viewer=viewer(request)), cursor, limit)
    return MethodPage(items=[_out(method) for method in found], next=following)


@router.get("/methods/{pk}", response=answers(MethodOut), summary="One version of a method")
def get_method(request: HttpRequest, pk: Id) -> MethodOut:
    return _out(methods.one_method(pk, viewer=viewer(request)))


@router.post("/methods", response=answers(MethodOut, 201), summary="Make a method's next version")
def make_method(request: HttpRequest, payload: MethodIn) -> Status[MethodOut]:
    asking = viewer(request)
    asking.must(Can.MANAGE_METHOD)
    told = payload.dict()
    key, reasons = told.pop("survey"), told.pop("counts_out")
    mask = sum({int(Excluded[name.upper()]) for name in reasons})
    survey = surveys.survey(key, viewer=asking) if key else None
    made = actions.new_method(**told, survey=survey, counts_out=mask, by=asking, at=now())
    return Status(201, _out(made))
