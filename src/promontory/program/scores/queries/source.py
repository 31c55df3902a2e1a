"""A source: one survey's answers as one viewer may count them, by one method and position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from django.conf import settings

from promontory.errors import NotFound
from promontory.measurement import metrics
from promontory.measurement.metrics import Metric
from promontory.program.ledger.models import DayEnd, Seal
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can, Viewer
from promontory.program.responses.models import Import
from promontory.program.scores.models import Method
from promontory.program.scores.queries import methods
from promontory.program.scores.queries.counts import Counts, Key, Rules, counts_of, people_of
from promontory.program.scores.queries.slices import Slices, slices
from promontory.program.scores.rules import gate
from promontory.program.scores.rules.gate import Release, Sight
from promontory.program.scores.rules.periods import Period, number_of
from promontory.program.scores.rules.view import View
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.models import Survey
from promontory.warehouse import Engine, Facts, In, Question, Range, ask, open_engine
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.question import By, ClusteredCells
from promontory.warehouse.scan import Condition

Cluster = Literal["person", "account"]


@lru_cache(maxsize=4)
def _engine(root: Path) -> Engine:
    return open_engine("duckdb://?threads=2", Facts(root))


def engine() -> Engine:
    """Return the engine over this installation's warehouse."""
    return _engine(settings.HOME.warehouse)


@dataclass(frozen=True, eq=False)
class Source:
    """What a page counts from; `count` is the only way to the answers."""

    engine: Engine
    manifest: Manifest
    survey: Survey
    metric: Metric
    method: Method
    viewer: Viewer
    sight: Sight
    slices: Slices
    release: Release
    today: int
    cluster: Cluster | None

    @property
    def position(self) -> int:
        return self.release.position

    @property
    def rules(self) -> Rules:
        return Rules(self.metric, float(self.method.level), self.method.interval)

    def where(
        self, period: Period | None, filters: Sequence[tuple[str, tuple[int, ...]]] = ()
    ) -> tuple[Condition, ...]:
        """Return the conditions of a period and filters; the viewer's own bounds come on top."""
        conditions: list[Condition] = []
        if period is not None:
            conditions.append(Range("day", period.first, period.last))
        return (*conditions, *(In(self.slices[key].column, codes) for key, codes in filters))

    def question(
        self,
        by: tuple[By, ...] = (),
        where: Sequence[Condition] = (),
        *,
        as_of: int | None = None,
        cluster: Cluster | None = None,
    ) -> Question:
        """Return the question, bounded to the survey, the metric and the viewer's units."""
        mine: list[Condition] = [
            In("survey", (self.survey.pk,)),
            In("metric", (self.metric.code,)),
        ]
        if self.viewer.units is not None:
            mine.append(In("unit", tuple(sorted(self.viewer.units)) or (-1,)))
        position = self.position if as_of is None else as_of
        return Question(
            answers=self.metric.answers,
            by=by,
            where=(*mine, *where),
            as_of=position,
            excluding=self.method.counts_out,
            cluster=cluster,
            points=self.metric.points,
        )

    def count(self, by: tuple[By, ...] = (), where: Sequence[Condition] = ()) -> Counts:
        """Return the answers by group, with their clusters where identifiers repeat."""
        asked = [self.question(by, where)]
        if self.cluster is not None:
            asked.append(self.question(by, where, cluster=self.cluster))
        answered = ask(self.engine, asked)
        clustered = answered[1] if self.cluster is not None else None
        return counts_of(self.rules, answered[0], clustered)  # type: ignore[arg-type]

    def people(
        self,
        by: tuple[By, ...] = (),
        where: Sequence[Condition] = (),
        *,
        as_of: int | None = None,
    ) -> dict[Key, int]:
        """Return how many different people each group has."""
        [found] = ask(self.engine, [self.question(by, where, as_of=as_of, cluster="person")])
        assert isinstance(found, ClusteredCells)
        return people_of(found)


def today(at: datetime) -> date:
    """Return the organisation's local day at a moment."""
    house = organization.organization()
    return at.astimezone(ZoneInfo(house.zone if house else "UTC")).date()


def choose_survey(viewer: Viewer, key: str) -> Survey:
    """Return the survey of that key; without one, the first there is."""
    if key:
        return surveys.survey(key, viewer=viewer)
    first = surveys.surveys(viewer=viewer).first()
    if first is None:
        raise NotFound("There is no survey yet.", remedy="Import a file of answers first.")
    return first


def open_source(viewer: Viewer, view: View, *, at: datetime) -> Source:
    """Return the source of a view, or refuse what this viewer may not ask."""
    viewer.must(Can.SEE_SCORES)
    survey = choose_survey(viewer, view.survey)
    method = methods.method_of(survey, view.metric, view.method)
    metric = metrics.get(view.metric)
    house = organization.organization()
    sight = gate.sight(
        promise=survey.promise,
        may_read_answers=viewer.may(Can.SEE_ANSWERS),
        may_read_confidential=viewer.may(Can.SEE_CONFIDENTIAL),
        minimum_group=max(method.minimum_group, house.minimum_group if house else 0),
    )
    running = engine()
    manifest = running.snapshot()
    day = number_of(at.astimezone(ZoneInfo(house.zone if house else "UTC")).date())
    offered = slices(viewer, sight, manifest)
    gate.check_view(view, sight, offered)
    released = _release(view, sight, manifest, day)
    asked = _Asked(
        settings.HOME.warehouse,
        manifest.generation,
        survey.pk,
        metric.key,
        released.position,
        method.counts_out,
    )
    return Source(
        running,
        manifest,
        survey,
        metric,
        method,
        viewer,
        sight,
        offered,
        released,
        day,
        _cluster(method.cluster, asked),
    )


def _release(view: View, sight: Sight, manifest: Manifest, day: int) -> Release:
    if not sight.gated:
        newest = manifest.position
        return Release(newest if view.at is None else min(view.at, newest), ())
    ends = dict(
        DayEnd.objects.filter(position__lte=manifest.position).values_list("day", "position")
    )
    closed = Import.objects.filter(closed_by__isnull=False).values("closed_by")
    closings = Seal.objects.filter(entry__in=closed, position__lte=manifest.position)
    return gate.release(
        view.at,
        day_ends=ends,
        closings=list(closings.values_list("position", flat=True)),
        today=day,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    root: Path
    generation: int
    survey: int
    metric: str
    position: int
    excluding: int


def _cluster(rule: str, asked: _Asked) -> Cluster | None:
    """Return whose answers belong together: a page never takes repeated people for strangers."""
    if rule == "person":
        return "person"
    if rule == "account":
        return "account"
    return _repeating(asked) if rule == "auto" else None


@lru_cache(maxsize=256)
def _repeating(asked: _Asked) -> Cluster | None:
    """Say whether accounts, else people, have several answers among all of a survey's."""
    metric = metrics.get(asked.metric)
    kinds: tuple[Cluster, ...] = ("account", "person")
    for kind in kinds:
        question = Question(
            answers=metric.answers,
            where=(In("survey", (asked.survey,)), In("metric", (metric.code,))),
            as_of=asked.position,
            excluding=asked.excluding,
            cluster=kind,
            points=metric.points,
        )
        [found] = ask(_engine(asked.root), [question])
        if any(width > 1 for width in found.table["W"].to_pylist()):
            return kind
    return None
