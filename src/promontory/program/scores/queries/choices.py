"""Choices: the surveys, periods, slices and values that a page's selects offer its viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promontory.measurement import metrics
from promontory.program.organization.access import Viewer
from promontory.program.scores.queries.course import Course
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.gate import GATED_GRAINS
from promontory.program.scores.rules.periods import GRAIN_LABELS, GRAINS, period_of
from promontory.program.scores.rules.view import View
from promontory.program.surveys import queries as surveys

Options = list[tuple[str, str]]
MOST_VALUES = 80
MOST_PERIODS = 24


@dataclass(frozen=True, slots=True)
class Filter:
    """A select for one attribute: its name in the address, its label, options and choice."""

    name: str
    label: str
    options: Options
    value: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the query without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything the selects of a page offer."""

    surveys: Options
    metrics: Options
    grains: Options
    periods: Options
    period: str
    slices: Options
    against: Options
    filters: tuple[Filter, ...]
    segments: tuple[tuple[str, Options], ...]
    chips: tuple[Chip, ...]


def choices(viewer: Viewer, source: Source, view: View, course: Course) -> Choices:
    """Return what may be chosen from, with what is chosen now."""
    grains = [g for g in GRAINS if not source.sight.gated or g in GATED_GRAINS]
    source.slices.load(list(source.slices))
    valued = {
        key: _values(source, key)
        for key in source.slices
        if len(source.slices.labels(key)) <= MOST_VALUES
    }
    chosen = dict(view.where)
    return Choices(
        surveys=[(one.key, one.name) for one in surveys.surveys(viewer=viewer)],
        metrics=_metrics(source),
        grains=[(grain, GRAIN_LABELS[grain]) for grain in grains],
        periods=_periods(view, course),
        period="all" if view.everything else view.period.text if view.period else "",
        slices=[("", "—"), *((one.key, one.label) for one in source.slices.values())],
        against=_against(view),
        filters=tuple(
            Filter(f"f.{key}", source.slices[key].label, [("", "All"), *values], _only(chosen, key))
            for key, values in valued.items()
        ),
        segments=tuple(
            (source.slices[key].label, [(f"{key}:{code}", text) for code, text in values])
            for key, values in valued.items()
        ),
        chips=tuple(_chips(source, view)),
    )


def _values(source: Source, key: str) -> Options:
    named = source.slices.labels(key).items()
    return [
        (str(code), text) for code, text in sorted(named, key=lambda one: (one[0] == 0, one[1]))
    ]


def _only(chosen: dict[str, tuple[int, ...]], key: str) -> str:
    codes = chosen.get(key, ())
    return str(codes[0]) if codes else ""


def _metrics(source: Source) -> Options:
    """The metrics that the survey's questions feed; the one looked at is always among them."""
    versions = source.survey.versions.prefetch_related("questions")
    asked = {q.metric for version in versions for q in version.questions.all() if q.metric}
    asked.add(source.metric.key)
    return [(one.key, one.name) for one in metrics.registry.values() if one.key in asked]


def _periods(view: View, course: Course) -> Options:
    found = [point.period for point in reversed(course.points)][:MOST_PERIODS]
    if view.period is not None and view.period not in found:
        found.append(view.period)
    years = sorted({period_of("year", p.period.first) for p in course.points}, reverse=True)
    found += [year for year in years if year not in found]
    return [("all", "All time"), *((p.text, _capital(p.label)) for p in found)]


def _against(view: View) -> Options:
    options = [("", "Nothing"), ("previous", "The period before"), ("year", "A year earlier")]
    if view.against and view.against not in dict(options):
        options.append((view.against, view.against))
    return options


def _chips(source: Source, view: View) -> Sequence[Chip]:
    return [
        Chip(
            f"{source.slices[key].label}: "
            + " or ".join(source.slices.label(key, code) for code in codes),
            view.but(where=tuple(one for one in view.where if one[0] != key)).query,
        )
        for key, codes in view.where
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
