"""Two scores and the interval of their difference, drawn on one ruler."""

from __future__ import annotations

from typing import Any

from promontory.charts import look, numbers, ruled
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
            Column(scale.name, "score", scale.digits, scale.signed),
            Column("Low", "score", scale.digits, scale.signed),
            Column("High", "score", scale.digits, scale.signed),
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
    rows: list[dict[str, Any]] = [
        {
            "row": index,
            "value": figure.value + shift,
            "low": figure.low + shift,
            "high": figure.high + shift,
            "faint": look.FAINT if figure.standing == "imprecise" else 1,
            "fill": look.SURFACE if figure.standing == "incomplete" else look.INK,
        }
        for index, (_, figure, shift) in enumerate(lines)
        if figure.value is not None and figure.low is not None and figure.high is not None
    ]
    bound = max(abs(scale.low), abs(scale.high)) * 3
    low, high = look.axis_range(
        [(row["low"], row["high"]) for row in rows], low=-bound, high=bound, least=8
    )
    x = ruled.ruler("value", low, high, signed=scale.signed, narrow=narrow, grid=False)
    lower = ruled.ruler(
        "moved",
        low - origin,
        high - origin,
        signed=True,
        narrow=narrow,
        grid=False,
        orient="bottom",
    )
    y = ruled.names([label for label, _, _ in lines], limit=104 if narrow else 186)
    cells = [numbers.of(row, each, base=row < 2) for row, (_, each, _) in enumerate(lines)]
    layers = [
        *_ruler(origin, x, y),
        *ruled.dots(rows, {**x, "axis": None}, y),
        *_lower_axis(lower, low, origin),
        *numbers.columns(cells, y, heading="Score", narrow=narrow),
    ]
    return ruled.spec(width, ROW * 3, layers, resolve={"scale": {"x": "independent"}})


def _ruler(origin: float, x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
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


def _lower_axis(lower: dict[str, Any], low: float, origin: float) -> list[dict[str, Any]]:
    return [
        {
            "data": look.values([{"moved": low - origin}]),
            "mark": {"type": "point", "opacity": 0, "color": look.INK},
            "encoding": {"x": lower},
        }
    ]
