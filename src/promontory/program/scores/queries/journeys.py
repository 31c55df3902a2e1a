"""The journey map: the touchpoints in order, which are asked after, score and volume at each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from promontory.errors import Refusal
from promontory.program.organization.access import Viewer
from promontory.program.scores.queries.figure import Figure
from promontory.program.scores.queries.overview import overview
from promontory.program.scores.rules.view import View
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.models import Journey, Survey, Touchpoint


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey at a touchpoint: its latest figure (None before an answer), and what it says."""

    survey: Survey
    figure: Figure | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A touchpoint with the surveys that cover it; without any, it is a gap."""

    touchpoint: Touchpoint
    asked: tuple[Asked, ...]

    @property
    def is_gap(self) -> bool:
        return not self.asked


@dataclass(frozen=True, slots=True)
class Way:
    """A journey with its stops in order."""

    journey: Journey
    stops: tuple[Stop, ...]

    @property
    def gaps(self) -> int:
        return sum(stop.is_gap for stop in self.stops)

    @property
    def sentence(self) -> str:
        """What the map of this journey finds, in words."""
        if not self.stops:
            return "It has no touchpoints yet."
        covered = len(self.stops) - self.gaps
        if not self.gaps:
            return (
                f"All {covered} touchpoints are asked after." if covered > 1 else "It is covered."
            )
        missing = ", ".join(f"“{stop.touchpoint.name}”" for stop in self.stops if stop.is_gap)
        return (
            f"{covered} of {len(self.stops)} touchpoints are asked after; nobody asks at {missing}."
        )


def journey_map(viewer: Viewer, *, at: datetime) -> list[Way]:
    """Return every journey with the score and the volume at each of its touchpoints."""
    ways = []
    for journey in surveys.journeys(viewer=viewer):
        stops = [
            Stop(
                touchpoint,
                tuple(
                    _asked(survey, viewer, at)
                    for survey in touchpoint.survey_set.all()
                    if survey.closed_at is None
                ),
            )
            for touchpoint in journey.touchpoints.all()
        ]
        ways.append(Way(journey, tuple(stops)))
    return ways


def elsewhere(viewer: Viewer) -> list[Survey]:
    """Return the surveys that belong to no touchpoint: those that ask on a cadence."""
    return list(surveys.surveys(viewer=viewer).filter(touchpoint=None, closed_at=None))


def _asked(survey: Survey, viewer: Viewer, at: datetime) -> Asked:
    try:
        found = overview(viewer, View(survey=survey.key), at=at, auto_grain=True)
    except Refusal as refusal:
        return Asked(survey, None, str(refusal))
    return Asked(survey, found.headline, found.sentence)
