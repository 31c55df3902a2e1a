"""Dimensions, and the codes that stand for their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from promontory.program.customers import queries
from promontory.program.customers.models import Dimension, DimensionValue
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit


@dataclass(frozen=True, slots=True)
class NewDimension:
    """A dimension to be: how it is labelled, and whether it survives a person's erasure."""

    label: str
    is_declared: bool = False


@transaction.atomic
def ensure_dimensions(wanted: Mapping[str, NewDimension], *, at: datetime) -> dict[str, Dimension]:
    """Return the dimension of each key, made now where there is none; no other is changed."""
    made = [
        Dimension(key=key, label=new.label, is_declared=new.is_declared, created_at=at)
        for key, new in wanted.items()
    ]
    Dimension.objects.bulk_create(made, ignore_conflicts=True)
    return {found.key: found for found in Dimension.objects.filter(key__in=wanted)}


@transaction.atomic
def declare_dimension(dimension: Dimension, *, by: Viewer, at: datetime) -> None:
    """Make a dimension declared from now on: answers to come keep its value for ever."""
    by.must(Can.MANAGE_METHOD)
    locked = Dimension.objects.select_for_update().get(pk=dimension.pk)
    if not locked.is_declared:
        locked.is_declared = True
        locked.save(update_fields=["is_declared"])
        audit("declare", locked, by=by, at=at, detail={"key": locked.key})


@transaction.atomic
def ensure_codes(dimension: int, labels: Collection[str]) -> dict[str, int]:
    """Return the code of each label of a dimension, given now to those that have none."""
    locked = Dimension.objects.select_for_update().get(pk=dimension)
    found = queries.codes(locked, labels)
    missing = [label for label in dict.fromkeys(labels) if label and label not in found]
    if missing:
        last = locked.values.order_by("-code").values_list("code", flat=True).first() or 0
        fresh = {label: code for code, label in enumerate(missing, start=last + 1)}
        DimensionValue.objects.bulk_create(
            [
                DimensionValue(dimension=locked, code=code, label=label)
                for label, code in fresh.items()
            ],
            batch_size=5_000,
        )
        found |= fresh
    return found
