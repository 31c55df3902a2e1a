"""Two scores and the interval of their difference, drawn on one ruler."""

from __future__ import annotations

import json
from typing import Any

from promontory.charts import look, words
from promontory.charts.chart import Chart, Column
from promontory.charts.figure import SCORE, Figure, Scale

ROW = 48


def comparison(
    first: Figure,
    second: Figure,
    difference: Figure,
    *,
    first_label: str,
    second_label: str,
    scale: Scale = SCORE,
    title: str = "Compared",
) -> Chart:
    """Return both scores and, below, second − first on its own axis.

    The lower axis has its zero under the first score, so the difference stands under the second:
    where its interval misses the zero line, the change is more than noise.
    """
    shown = first.shown and second.shown
    return Chart(
        kind="comparison",
        title=title,
        description=(
            f"{first_label} {first.sentence}; {second_label} {second.sentence}; "
            f"difference {difference.sentence}."
        ),
        columns=(
            Column(""),
            Column(scale.name, "score", scale.digits),
            Column("Low", "score", scale.digits),
            Column("High", "score", scale.digits),
            Column("Base", "count"),
        ),
        rows=tuple(
            (label, each.value, each.low, each.high, each.base if each.shown else None)
            for label, each in (
                (first_label, first),
                (second_label, second),
                ("Difference", difference),
            )
        ),
        standings=(first.standing, second.standing, difference.standing),
        spec=_spec(first, second, difference, (first_label, second_label), scale, look.WIDE),
        narrow=_spec(first, second, difference, (first_label, second_label), scale, look.NARROW),
        empty=not shown,
    )


def _spec(
    first: Figure,
    second: Figure,
    difference: Figure,
    labels: tuple[str, str],
    scale: Scale,
    width: int,
) -> dict[str, Any]:
    narrow = width < look.WIDE
    origin = first.value if first.value is not None else 0.0
    lines: list[tuple[str, Figure, float]] = [
        (labels[0], first, 0.0),
        (labels[1], second, 0.0),
        ("Difference", difference, origin),
    ]
    rows = [
        {
            "row": index,
            "value": figure.value + shift,
            "low": figure.low + shift,
            "high": figure.high + shift,
            "faint": look.FAINT if figure.standing == "imprecise" else 1,
        }
        for index, (_, figure, shift) in enumerate(lines)
        if figure.value is not None and figure.low is not None and figure.high is not None
    ]
    bound = max(abs(scale.low), abs(scale.high)) * 3
    low, high = look.axis_range(
        [(row["low"], row["high"]) for row in rows], low=-bound, high=bound, least=8
    )
    sign = "+" if scale.signed else ""
    x = look.number(
        "value",
        scale={"domain": [low, high], "nice": False, "zero": False},
        axis={
            "title": None,
            "orient": "top",
            "grid": False,
            "tickCount": 3 if narrow else 6,
            "labelExpr": f"replace(format(datum.value, '{sign}~g'), /^\\+0$/, '0')",
        },
    )
    lower = look.number(
        "moved",
        scale={"domain": [low - origin, high - origin], "nice": False, "zero": False},
        axis={
            "title": None,
            "orient": "bottom",
            "grid": False,
            "tickCount": 3 if narrow else 6,
            "labelExpr": "replace(format(datum.value, '+~g'), /^\\+0$/, '0')",
        },
    )
    y = {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": [0, 1, 2], "padding": 0},
        "axis": {
            "title": None,
            "grid": False,
            "labelExpr": f"{json.dumps([label for label, _, _ in lines])}[datum.value]",
            "labelColor": look.INK,
            "labelLimit": 104 if narrow else 190,
            "labelPadding": 10,
        },
    }
    layers = [
        *_ruler(rows, origin, x, y),
        *_marks(rows, x, y),
        *_lower_axis(lower, low, origin),
        *_texts(lines, y, narrow),
    ]
    return look.spec(
        width,
        ROW * 3,
        layers,
        resolve={"scale": {"x": "independent"}},
        padding={"left": 1, "right": 62 if narrow else 208, "top": 2, "bottom": 4},
    )


def _ruler(
    rows: list[dict[str, Any]], origin: float, x: dict[str, Any], y: dict[str, Any]
) -> list[dict[str, Any]]:
    """The line of no change, from the first score down to the lower zero."""
    return [
        {
            "data": look.values([{"row": 2}]),
            "mark": {"type": "rule", "color": look.LINE},
            "encoding": {"y": {**y, "bandPosition": 0}},
        },
        {
            "data": look.values([{"value": origin}]),
            "mark": {"type": "rule", "color": look.INK_3, "strokeDash": [5, 3]},
            "encoding": {"x": x},
        },
    ]


def _marks(
    rows: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]
) -> list[dict[str, Any]]:
    quiet = {**x, "axis": None}
    faint = {"opacity": {"field": "faint", "type": "quantitative", "scale": None}}
    return [
        {
            "data": look.values(rows),
            "mark": {"type": "rule", "color": look.INK, "strokeWidth": 1.5},
            "encoding": {
                "y": {**y, "bandPosition": 0.5},
                "x": {**quiet, "field": "low"},
                "x2": {"field": "high"},
                **faint,
            },
        },
        {
            "data": look.values(rows),
            "mark": {"type": "circle", "size": 84, "opacity": 1, "fill": look.SURFACE},
            "encoding": {"y": {**y, "bandPosition": 0.5}, "x": quiet},
        },
        {
            "data": look.values(rows),
            "mark": {"type": "point", "size": 52, "fill": look.INK, "stroke": look.INK},
            "encoding": {"y": {**y, "bandPosition": 0.5}, "x": quiet, **faint},
        },
    ]


def _lower_axis(lower: dict[str, Any], low: float, origin: float) -> list[dict[str, Any]]:
    return [
        {
            "data": look.values([{"moved": low - origin}]),
            "mark": {"type": "point", "opacity": 0},
            "encoding": {"x": lower},
        }
    ]


def _texts(
    lines: list[tuple[str, Figure, float]], y: dict[str, Any], narrow: bool
) -> list[dict[str, Any]]:
    data = [
        {
            "row": row,
            "text": figure.text if figure.shown else figure.standing_text.lower(),
            "span": figure.interval_text,
            "base": words.count(figure.base) if figure.shown and row < 2 else "",
        }
        for row, (_, figure, _) in enumerate(lines)
    ]
    columns = [("text", 54)] if narrow else [("text", 52), ("span", 152), ("base", 202)]
    return [
        {
            "data": look.values(data),
            "mark": {"type": "text", "align": "right", "baseline": "middle", "clip": False},
            "encoding": {
                "y": {**y, "bandPosition": 0.5},
                "x": {"value": {"expr": f"width + {offset}"}},
                "text": {"field": field},
                "color": {"value": look.INK if field == "text" else look.INK_3},
            },
        }
        for field, offset in columns
    ]
