"""The numbers beside each row of a picture, set right and headed like a table's columns."""

from __future__ import annotations

from typing import Any

from promontory.charts import look, words
from promontory.charts.figure import Figure

SCORE_AT, SPAN_AT, BASE_AT = 60, 176, 230


def of(row: int, figure: Figure, *, base: bool = True) -> dict[str, Any]:
    """Return one row's numbers as the columns take them."""
    return {
        "row": row,
        "text": figure.text if figure.shown else figure.standing_text.lower(),
        "span": figure.interval_text,
        "base": words.count(figure.base) if base and figure.shown else "",
        "ink": look.INK_3 if figure.standing in ("imprecise", "withheld", "empty") else look.INK,
    }


def columns(
    rows: list[dict[str, Any]],
    y: dict[str, Any],
    *,
    heading: str,
    narrow: bool,
    base: bool = True,
) -> list[dict[str, Any]]:
    """Return the layers of the columns: the score alone on a phone, else interval and base too."""
    shown = [("text", SCORE_AT, heading)]
    if not narrow:
        shown.append(("span", SPAN_AT, "95 % interval"))
        if base:
            shown.append(("base", BASE_AT, "Base"))
    return [
        layer
        for field, offset, head in shown
        for layer in (_cells(rows, y, field, offset), _head(head, offset))
    ]


def _cells(
    rows: list[dict[str, Any]], y: dict[str, Any], field: str, offset: int
) -> dict[str, Any]:
    colour = {"field": "ink", "type": "nominal", "scale": None}
    return {
        "data": look.values(rows),
        "mark": {"type": "text", "align": "right", "baseline": "middle", "clip": False},
        "encoding": {
            "y": {**y, "bandPosition": 0.5},
            "x": {"value": {"expr": f"width + {offset}"}},
            "text": {"field": field},
            "color": colour if field == "text" else {"value": look.INK_3},
        },
    }


def _head(text: str, offset: int) -> dict[str, Any]:
    return {
        "data": look.values([{}]),
        "mark": {
            "type": "text",
            "align": "right",
            "baseline": "alphabetic",
            "color": look.INK_3,
            "text": text,
            "clip": False,
        },
        "encoding": {"x": {"value": {"expr": f"width + {offset}"}}, "y": {"value": -9}},
    }
