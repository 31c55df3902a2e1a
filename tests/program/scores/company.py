"""A small company whose every answer is planted, straight in the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from promontory.program.customers.models import Dimension, DimensionValue
from promontory.program.ledger.models import DayEnd, Installation
from promontory.program.organization.access import ROLES, SYSTEM, Viewer
from promontory.program.organization.models import Organization
from promontory.program.scores import actions
from promontory.program.scores.models import Method
from promontory.program.surveys.models import Survey
from promontory.warehouse import Facts

AT = datetime(2026, 9, 15, 12, tzinfo=UTC)
REGIONS = {1: "North", 2: "South", 3: "East"}
PLANS = {1: "Basic", 2: "Pro"}


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@dataclass
class Company:
    """Surveys and dimensions, and the facts given so far."""

    survey: Survey
    region: Dimension
    plan: Dimension
    hobby: Dimension
    method: Method
    root: Path
    facts: list[dict[str, int]] = field(default_factory=list)
    position: int = 0

    def answer(self, on: str, score: int, times: int = 1, **columns: int) -> None:
        """Record an answer some times over, each from a person of its own unless one is named."""
        for _ in range(times):
            self.position += 1
            row = {
                "position": self.position,
                "sign": 1,
                "day": day(on),
                "response": self.position,
                "survey": self.survey.pk,
                "metric": 1,
                "answer": score,
                "person": 10_000 + self.position,
            }
            named = {
                {
                    "region": self.region.column,
                    "plan": self.plan.column,
                    "hobby": self.hobby.column,
                }.get(name, name): value
                for name, value in columns.items()
            }
            self.facts.append(row | named)

    def seal(self, ended: str | None = None) -> None:
        """Put what was given into the warehouse, and end a day there if one is named."""
        if self.facts:
            names = sorted({name for row in self.facts for name in row})
            columns = [[row.get(name, 0) for row in self.facts] for name in names]
            batch = pa.RecordBatch.from_arrays([pa.array(c) for c in columns], names=names)
            Facts(self.root).append([batch], self.position)
            self.facts = []
        if ended is not None:
            DayEnd.objects.update_or_create(day=day(ended), defaults={"position": self.position})


def viewer(role: str, units: Sequence[int] | None = None, name: str = "") -> Viewer:
    return Viewer(
        user_id=1,
        name=name or role,
        can=ROLES[role][1],
        units=None if units is None else frozenset(units),
    )


def found_company(root: Path) -> Company:
    """Found a company with one confidential survey and nobody's answers yet."""
    Organization.objects.get_or_create(pk=1, defaults={"name": "Test", "zone": "UTC"})
    Installation.objects.get_or_create(pk=1)
    survey = Survey.objects.create(
        key="relationship",
        name="Relationship",
        kind="relationship",
        promise="confidential",
        created_at=AT,
    )
    made = {}
    for key, labels, declared in (
        ("region", REGIONS, True),
        ("plan", PLANS, True),
        ("hobby", {1: "Chess", 2: "Golf"}, False),
    ):
        made[key] = Dimension.objects.create(
            key=key, label=key.capitalize(), is_declared=declared, created_at=AT
        )
        DimensionValue.objects.bulk_create(
            DimensionValue(dimension=made[key], code=code, label=label)
            for code, label in labels.items()
        )
    method = actions.ensure_default_method(by=SYSTEM, at=AT)
    return Company(survey, method=method, root=root, **made)
