"""What pictures with one row a thing share: named rows, a score axis on top, dots with whiskers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from promontory.charts import look


def spec(width: int, height: int, layers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return the spec of a picture with named rows; the page's font may need a little more room."""
    padding = {"left": 8, "right": 6, "top": 4, "bottom": 2}
    return look.spec(width, height, layers, **{"padding": padding, **more})


def names(labels: Sequence[str], *, limit: int, bold: Sequence[int] = ()) -> dict[str, Any]:
    """Return the encoding of rows numbered 0, 1 … and named by `labels`; names may repeat."""
    weight = {
        "condition": {"test": f"indexof({json.dumps(list(bold))}, datum.value) >= 0", "value": 600},
        "value": "normal",
    }
    return {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": list(range(len(labels))), "paddingInner": 0, "paddingOuter": 0},
        "axis": {
            "title": None,
            "grid": False,
            "labelExpr": f"{json.dumps(list(labels))}[datum.value]",
            "labelColor": look.INK,
            "labelLimit": limit,
            "labelFontWeight": weight,
            "labelPadding": 10,
        },
    }


def ruler(
    field: str, low: float, high: float, *, signed: bool, narrow: bool, **axis: Any
) -> dict[str, Any]:
    """Return the encoding of the score axis above the rows."""
    return look.number(
        field,
        scale={"domain": [low, high], "nice": False, "zero": False},
        axis={
            "title": None,
            "orient": "top",
            "tickCount": 3 if narrow else 6,
            "labelExpr": look.labels(signed=signed),
            "labelOverlap": "greedy",
            "labelSeparation": 8,
            **axis,
        },
    )


def dots(data: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """Return whiskers from `low` to `high` with a dot at `value`; `faint` and `fill` per row."""
    faint = {"opacity": {"field": "faint", "type": "quantitative", "scale": None}}
    middle = {**y, "bandPosition": 0.5}
    return [
        {
            "data": look.values(data),
            "mark": {"type": "rule", "color": look.INK, "strokeWidth": 1.5},
            "encoding": {"y": middle, "x": {**x, "field": "low"}, "x2": {"field": "high"}, **faint},
        },
        {
            "data": look.values(data),
            "mark": {"type": "circle", "size": 84, "opacity": 1, "fill": look.SURFACE},
            "encoding": {"y": middle, "x": x},
        },
        {
            "data": look.values(data),
            "mark": {"type": "point", "size": 52, "stroke": look.INK, "strokeWidth": 1.5},
            "encoding": {
                "y": middle,
                "x": x,
                "fill": {"field": "fill", "type": "nominal", "scale": None},
                **faint,
            },
        },
    ]
