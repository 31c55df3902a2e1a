"""The attributes by which answers can be sliced."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Schema

from promontory.errors import NotFound
from promontory.program.customers import actions, queries
from promontory.program.customers.api.routing import router
from promontory.program.customers.models import Dimension
from promontory.program.organization.access import Can
from promontory.program.organization.doors import Key, answers, now, viewer


class DimensionOut(Schema):
    """An attribute of answers, kept as it was when each was given.

    A declared one may be seen through the confidentiality gate and survives a person's erasure.
    """

    key: str = Field(examples=["region"])
    label: str
    is_declared: bool
    created_at: datetime


class DimensionList(Schema):
    """The attributes there are, oldest first."""

    items: list[DimensionOut]


@router.get(
    "/dimensions",
    tags=["attributes"],
    response=answers(DimensionList),
    summary="Attributes of answers",
)
def list_dimensions(request: HttpRequest) -> DimensionList:
    """Return all attributes; those who do not read answers see the declared ones."""
    asking = viewer(request)
    asking.must(Can.SEE_SCORES)
    found = queries.dimensions()
    if not asking.may(Can.SEE_ANSWERS):
        found = found.filter(is_declared=True)
    return DimensionList(items=[DimensionOut.from_orm(dimension) for dimension in found])


@router.put(
    "/dimensions/{key}/declaration",
    tags=["attributes"],
    response=answers(DimensionOut),
    summary="Declare an attribute",
)
def declare_dimension(request: HttpRequest, key: Key) -> DimensionOut:
    """Keep this attribute of answers to come for ever; declared again, nothing changes."""
    asking = viewer(request)
    asking.must(Can.MANAGE_METHOD)
    dimension = _one(key)
    actions.declare_dimension(dimension, by=asking, at=now())
    dimension.refresh_from_db()
    return DimensionOut.from_orm(dimension)


def _one(key: str) -> Dimension:
    found = queries.dimension(key)
    if found is None:
        raise NotFound(f"There is no attribute “{key}”.")
    return found
