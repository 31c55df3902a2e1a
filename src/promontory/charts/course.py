"""The drawing of a course over time; see `trend` for what it shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from promontory.charts import look
from promontory.charts.figure import Figure, Scale

HEIGHT = 240


@dataclass(frozen=True, slots=True)
class Period:
    """One month, week or quarter: its first day, the day after its last, and its figure."""

    start: date
    end: date
    label: str
    figure: Figure
    tick: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The smoothed course at one period, same order as the periods; None where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened on a day: an event of the business, or an import."""

    at: date
    label: str
    kind: Literal["event", "import"] = "event"


def ticks(periods: Sequence[Period]) -> list[list[str]]:
    """Return each period's short label, with the year below at the first one of each year."""
    labels = []
    year = None
    for period in periods:
        days = (period.end - period.start).days
        if period.tick:
            short = period.tick
        elif days > 300:
            short = f"{period.start.year}"
        elif days > 80:
            short = f"Q{(period.start.month + 2) // 3}"
        elif days > 27:
            short = f"{period.start:%b}"
        else:
            short = f"{period.start.day} {period.start:%b}"
        lines = [short]
        if period.start.year != year and days <= 300:
            lines.append(str(period.start.year))
        year = period.start.year
        labels.append(lines)
    return labels


def spec(
    periods: Sequence[Period],
    band: Sequence[Band | None],
    placed: Sequence[tuple[str, Marker, float]],
    scale: Scale,
    width: int,
) -> dict[str, Any]:
    # A handful of answers must not flatten what is known well: the axis follows the sound
    # periods, and what reaches beyond it ends at its edge.
    firm = [p for p in periods if p.figure.standing == "sound"] or periods
    spans = [
        (p.figure.low, p.figure.high)
        for p in firm
        if p.figure.low is not None and p.figure.high is not None
    ]
    spans += [(b.low, b.high) for b in band if b is not None]
    least = (scale.high - scale.low) * 0.15
    low, high = look.axis_range(spans, low=scale.low, high=scale.high, least=least)
    count = max(len(periods), 1)
    every = _every(count, 6 if width < look.WIDE else 13)
    shown = list(range((count - 1) % every, count, every))
    lines = ticks([periods[i] for i in shown if i < len(periods)])
    names: list[list[str] | str] = [""] * count
    for i, text in zip(shown, lines, strict=False):
        names[i] = text
    x = look.number(
        "x",
        scale={"domain": [-0.6, count - 0.4], "nice": False, "zero": False},
        axis={
            "title": None,
            "grid": False,
            "values": shown,
            "labelExpr": f"{json.dumps(names)}[datum.value]",
            "labelOverlap": False,
            "labelPadding": 10,
        },
    )
    y = look.number(
        "value",
        scale={"domain": [low, high], "nice": False, "zero": False, "clamp": True},
        axis={
            "title": None,
            "tickCount": 5,
            "labelExpr": look.labels(signed=scale.signed),
        },
    )
    layers: list[dict[str, Any]] = [*_withheld(periods, x, width), *_zero(low, high, y)]
    layers += _band(band, x, y) + _whiskers(periods, x, y) + _dots(periods, x, y)
    layers += _markers(placed, x)
    return look.spec(width, HEIGHT, layers)


def _every(count: int, at_most: int) -> int:
    steps = (1, 2, 3, 4, 6, 12, 13, 26, 52)
    return next((step for step in steps if count / step <= at_most), -(-count // at_most))


def _zero(low: float, high: float, y: dict[str, Any]) -> list[dict[str, Any]]:
    if not low < 0 < high:
        return []
    return [
        {
            "data": look.values([{"value": 0}]),
            "mark": {"type": "rule", "color": look.LINE_STRONG},
            "encoding": {"y": y},
        }
    ]


def _withheld(periods: Sequence[Period], x: dict[str, Any], width: int) -> list[dict[str, Any]]:
    """A gap where something may not be shown: a hatched column with the word beside it."""
    gaps = [i for i, period in enumerate(periods) if period.figure.standing == "withheld"]
    if not gaps:
        return []
    starts = [i for i in gaps if i - 1 not in gaps]
    ends = [i for i in gaps if i + 1 not in gaps]
    runs = [
        {"x": a - 0.44, "to": b + 0.44, "middle": (a + b) / 2}
        for a, b in zip(starts, ends, strict=True)
    ]
    step = 7 * (len(periods) + 0.2) / (width - 50)
    stripes = [
        {"x": run["x"] + k * step}
        for run in runs
        for k in range(int((run["to"] - run["x"]) / step) + 1)
    ]
    return [
        {
            "data": look.values(runs),
            "mark": {"type": "rect", "color": look.SUNK},
            "encoding": {"x": x, "x2": {"field": "to"}},
        },
        {
            "data": look.values(stripes),
            "mark": {"type": "rule", "color": look.LINE},
            "encoding": {"x": x},
        },
        {
            "data": look.values(runs),
            "mark": {"type": "text", "angle": 270, "text": "withheld", "color": look.INK_3},
            "encoding": {"x": {**x, "field": "middle"}, "y": {"value": HEIGHT / 2}},
        },
    ]


def _band(
    band: Sequence[Band | None], x: dict[str, Any], y: dict[str, Any]
) -> list[dict[str, Any]]:
    if not any(band):
        return []
    # A period without a course breaks the band: nothing is drawn across what is withheld.
    data: list[dict[str, Any]] = [
        {"x": i, "value": b.value, "low": b.low, "high": b.high}
        if b is not None
        else {"x": i, "value": None, "low": None, "high": None}
        for i, b in enumerate(band)
    ]
    return [
        {
            "data": look.values(data),
            "mark": {
                "type": "area",
                "color": look.LINE_STRONG,
                "opacity": 0.2,
                "interpolate": "monotone",
                "invalid": "break-paths-show-domains",
            },
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": look.values(data),
            "mark": {
                "type": "line",
                "color": look.INK_3,
                "strokeWidth": 1.5,
                "interpolate": "monotone",
                "invalid": "break-paths-show-domains",
            },
            "encoding": {"x": x, "y": y},
        },
    ]


def _shown(periods: Sequence[Period]) -> list[dict[str, Any]]:
    return [
        {
            "x": i,
            "value": p.figure.value,
            "low": p.figure.low,
            "high": p.figure.high,
            "faint": look.FAINT if p.figure.standing == "imprecise" else 1,
            "open": p.figure.standing == "incomplete",
        }
        for i, p in enumerate(periods)
        if p.figure.shown
    ]


def _whiskers(
    periods: Sequence[Period], x: dict[str, Any], y: dict[str, Any]
) -> list[dict[str, Any]]:
    faint = {"opacity": {"field": "faint", "type": "quantitative", "scale": None}}
    layers = []
    for is_open, dash in ((False, [1, 0]), (True, [3, 3])):
        data = [row for row in _shown(periods) if row["open"] is is_open]
        if data:
            layers.append(
                {
                    "data": look.values(data),
                    "mark": {
                        "type": "rule",
                        "color": look.INK,
                        "strokeWidth": 1.5,
                        "strokeDash": dash,
                    },
                    "encoding": {
                        "x": x,
                        "y": {**y, "field": "low"},
                        "y2": {"field": "high"},
                        **faint,
                    },
                }
            )
    return layers


def _dots(periods: Sequence[Period], x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    data = _shown(periods)
    for row in data:
        row["fill"] = look.SURFACE if row["open"] else look.INK
    layers: list[dict[str, Any]] = [
        {
            "data": look.values(data),
            "mark": {"type": "circle", "size": 60, "opacity": 1, "fill": look.SURFACE},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": look.values(data),
            "mark": {"type": "point", "size": 44, "stroke": look.INK, "strokeWidth": 1.5},
            "encoding": {
                "x": x,
                "y": y,
                "fill": {"field": "fill", "type": "nominal", "scale": None},
                "opacity": {"field": "faint", "type": "quantitative", "scale": None},
            },
        },
    ]
    last = [row for row in data if row["open"]]
    if last:
        layers.append(
            {
                "data": look.values([{"x": row["x"], "value": row["high"]} for row in last]),
                "mark": {"type": "text", "text": "so far", "dy": -10, "color": look.INK_3},
                "encoding": {"x": x, "y": y},
            }
        )
    return layers


def _markers(
    placed: Sequence[tuple[str, Marker, float]], x: dict[str, Any]
) -> list[dict[str, Any]]:
    if not placed:
        return []
    data = [
        {"x": position, "key": letter, "dash": marker.kind == "import"}
        for letter, marker, position in placed
    ]
    layers: list[dict[str, Any]] = [
        {
            "data": look.values([row for row in data if row["dash"] is dashed]),
            "mark": {
                "type": "rule",
                "color": look.INK_3,
                "strokeDash": [1, 3] if dashed else [5, 3],
            },
            "encoding": {"x": x},
        }
        for dashed in (False, True)
        if any(row["dash"] is dashed for row in data)
    ]
    layers.append(
        {
            "data": look.values(data),
            "mark": {"type": "text", "fontWeight": 600, "color": look.INK_2, "clip": False},
            "encoding": {"x": x, "y": {"value": -12}, "text": {"field": "key"}},
        }
    )
    return layers
