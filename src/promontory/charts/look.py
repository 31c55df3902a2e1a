"""The palette and the common Vega-Lite configuration; the same names as the page's stylesheet.

Every colour here is unique, so that a drawing made with them can be rewritten to the page's
custom properties (`fill="var(--ink, #1a1e24)"`) or to the dark theme, colour by colour.
"""

from __future__ import annotations

from typing import Any

LIGHT: dict[str, str] = {
    "ink": "#1a1e24",
    "ink-2": "#444c57",
    "ink-3": "#626b77",
    "line": "#dedbd3",
    "line-strong": "#868b92",
    "sunk": "#f1efea",
    "surface": "#fffffe",
    "accent": "#0b6769",
    "promoter": "#1f6cb0",
    "passive": "#8b9099",
    "detractor": "#d1660a",
    "promoter-text": "#1b5f9c",
    "passive-text": "#5e6570",
    "detractor-text": "#a64f05",
}
DARK: dict[str, str] = {
    "ink": "#eceef0",
    "ink-2": "#c0c6cd",
    "ink-3": "#98a1ac",
    "line": "#323840",
    "line-strong": "#747d89",
    "sunk": "#22272e",
    "surface": "#1b1f25",
    "accent": "#5cc5bf",
    "promoter": "#5aa2e0",
    "passive": "#8d949e",
    "detractor": "#ee8a3a",
    "promoter-text": "#7db8ea",
    "passive-text": "#aab1ba",
    "detractor-text": "#f5a05c",
}

INK, INK_2, INK_3 = LIGHT["ink"], LIGHT["ink-2"], LIGHT["ink-3"]
LINE, LINE_STRONG, SUNK, SURFACE = (
    LIGHT["line"],
    LIGHT["line-strong"],
    LIGHT["sunk"],
    LIGHT["surface"],
)
FONT = "Liberation Sans, Noto Sans, Helvetica, Arial, sans-serif"
TEXT = 13  # the small size of the page: a drawing is shown at its own size

WIDE, NARROW = 712, 328
FAINT = 0.42  # how an imprecise mark is drawn: lighter, not smaller


def spec(width: int, height: int, layers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a Vega-Lite spec of these layers, exactly `width` wide with its axes."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 1, "right": 6, "top": 4, "bottom": 2},
        "layer": layers,
        "config": CONFIG,
        **more,
    }


def values(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return rows as inline data; an empty list stays a list."""
    return {"values": rows}


def number(field: str, **more: Any) -> dict[str, Any]:
    """Return the encoding of a quantitative field."""
    return {"field": field, "type": "quantitative", **more}


CONFIG: dict[str, Any] = {
    "aria": False,
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": True,
        "gridColor": LINE,
        "labelColor": INK_3,
        "labelFontSize": TEXT,
        "labelPadding": 8,
        "titleColor": INK_3,
        "titleFontSize": TEXT,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    },
    "text": {"fontSize": TEXT, "color": INK_2},
    "title": {
        "anchor": "start",
        "color": INK,
        "fontSize": 16,
        "fontWeight": 600,
        "subtitleColor": INK_2,
        "subtitleFontSize": TEXT,
        "subtitlePadding": 6,
        "offset": 14,
    },
}


def axis_range(
    spans: list[tuple[float, float]], *, low: float, high: float, least: float
) -> tuple[float, float]:
    """Return an axis range that holds all spans with some air, at least `least` wide, in bounds."""
    if not spans:
        return low, high
    bottom, top = min(a for a, _ in spans), max(b for _, b in spans)
    air = max((top - bottom) * 0.08, (least - (top - bottom)) / 2)
    bottom, top = bottom - air, top + air
    if top - bottom >= high - low:
        return low, high
    if bottom < low:
        bottom, top = low, top + (low - bottom)
    if top > high:
        bottom, top = bottom - (top - high), high
    return max(bottom, low), min(top, high)


def labels(*, signed: bool) -> str:
    """Return the axis label expression: true signs, and no sign before zero."""
    return f"replace(format(datum.value, '{'+' if signed else ''}~g'), /^\\+0$/, '0')"
