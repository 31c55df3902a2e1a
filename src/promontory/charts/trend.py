"""A score over time: each period with its interval, a smoothed band, and what happened."""

from __future__ import annotations

import string
from collections.abc import Sequence

from promontory.charts import course, look
from promontory.charts.chart import Chart, Column, Note
from promontory.charts.course import Band, Marker, Period
from promontory.charts.figure import SCORE, Figure, Scale


def trend(
    periods: Sequence[Period],
    *,
    band: Sequence[Band | None] = (),
    markers: Sequence[Marker] = (),
    scale: Scale = SCORE,
    title: str = "Over time",
) -> Chart:
    """Return the periods as dots with whiskers over their smoothed band.

    Imprecise periods are lighter, an incomplete one is hollow with a dashed whisker, a withheld one
    is a hatched gap; markers get a letter, explained in the chart's notes.
    """
    placed = [
        (letter, marker, position)
        for letter, (marker, position) in zip(
            string.ascii_uppercase, _placed(periods, markers), strict=False
        )
    ]
    notes = tuple(
        Note(letter, f"{marker.label} ({marker.at.day} {marker.at:%B %Y})")
        for letter, marker, _ in placed
    )
    return Chart(
        kind="trend",
        title=title,
        description=_description(periods),
        columns=(
            Column("Period"),
            Column(scale.name, "score", scale.digits, scale.signed),
            Column("Low", "score", scale.digits, scale.signed),
            Column("High", "score", scale.digits, scale.signed),
            Column("Base", "count"),
            Column("Note"),
        ),
        rows=tuple(
            (
                period.label,
                period.figure.value,
                period.figure.low,
                period.figure.high,
                None if period.figure.standing == "withheld" else period.figure.base,
                _note(period.figure),
            )
            for period in periods
        ),
        standings=tuple(period.figure.standing for period in periods),
        spec=course.spec(periods, band, placed, scale, look.WIDE),
        narrow=course.spec(periods, band, placed, scale, look.NARROW),
        notes=notes,
        empty=not any(period.figure.shown for period in periods),
    )


def _note(figure: Figure) -> str:
    if figure.standing == "sound":
        return ""
    return ": ".join(part for part in (figure.standing_text, figure.reason) if part)


def _description(periods: Sequence[Period]) -> str:
    shown = [period for period in periods if period.figure.shown]
    if not shown:
        return "No period has a score to show yet."
    first, last = shown[0], shown[-1]
    hidden = sum(period.figure.standing == "withheld" for period in periods)
    tail = f" {hidden} of {len(periods)} periods withheld." if hidden else ""
    if first is last:
        return f"One period: {first.label}, {first.figure.sentence}.{tail}"
    return (
        f"{len(shown)} periods from {first.label} ({first.figure.sentence}) "
        f"to {last.label} ({last.figure.sentence}).{tail}"
    )


def _placed(periods: Sequence[Period], markers: Sequence[Marker]) -> list[tuple[Marker, float]]:
    """Return the markers inside the periods with their place on the axis of period numbers."""
    found = []
    for marker in sorted(markers, key=lambda each: each.at):
        for index, period in enumerate(periods):
            if period.start <= marker.at < period.end:
                days = (period.end - period.start).days
                found.append((marker, index - 0.5 + ((marker.at - period.start).days + 0.5) / days))
    return found
