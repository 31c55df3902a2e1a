"""Segments beside one another: dots with whiskers, in tiers that cannot be told apart inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from promontory.charts import look, numbers, ruled
from promontory.charts.chart import Chart, Column
from promontory.charts.figure import SCORE, Figure, Scale

ROW = 32


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its name, its figure, and the tier it falls in (1 is highest), if any."""

    label: str
    figure: Figure
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the picture: a heading or a segment."""

    label: str
    segment: Segment | None = None


def intervals(
    segments: Sequence[Segment],
    *,
    total: Figure | None = None,
    scale: Scale = SCORE,
    title: str = "By segment",
) -> Chart:
    """Return the segments as dots with whiskers, by tier and score, with the total's line."""
    ordered = _sorted(segments)
    lines = [_Line(segment.label, segment) for segment in ordered]
    return _chart("intervals", ordered, lines, total, scale, title)


def tiers(
    segments: Sequence[Segment],
    *,
    total: Figure | None = None,
    scale: Scale = SCORE,
    title: str = "Tiers",
) -> Chart:
    """Return the same picture under a heading for each tier: what stands together is not ranked."""
    ordered = _sorted(segments)
    lines: list[_Line] = []
    previous: int | str | None = "none yet"
    for segment in ordered:
        tier = segment.tier if segment.figure.shown else None
        if tier != previous:
            lines.append(_Line("Not placed" if tier is None else f"Tier {tier}"))
            previous = tier
        lines.append(_Line(segment.label, segment))
    return _chart("tiers", ordered, lines, total, scale, title)


def _sorted(segments: Sequence[Segment]) -> list[Segment]:
    def key(segment: Segment) -> tuple[bool, int, float, str]:
        value = segment.figure.value
        tier = 10_000 if segment.tier is None else segment.tier
        return (value is None, tier, -(value or 0), segment.label)

    return sorted(segments, key=key)


def _chart(
    kind: str,
    ordered: Sequence[Segment],
    lines: Sequence[_Line],
    total: Figure | None,
    scale: Scale,
    title: str,
) -> Chart:
    whole = [Segment("All together", total)] if total is not None else []
    return Chart(
        kind=kind,
        title=title,
        description=_description(ordered, total),
        columns=(
            Column("Segment"),
            Column(scale.name, "score", scale.digits, scale.signed),
            Column("Low", "score", scale.digits, scale.signed),
            Column("High", "score", scale.digits, scale.signed),
            Column("Base", "count"),
            Column("Tier", "count"),
            Column("Note"),
        ),
        rows=tuple(
            (
                each.label,
                each.figure.value,
                each.figure.low,
                each.figure.high,
                None if each.figure.standing == "withheld" else each.figure.base,
                each.tier,
                "" if each.figure.standing == "sound" else _note(each.figure),
            )
            for each in (*ordered, *whole)
        ),
        standings=tuple(each.figure.standing for each in (*ordered, *whole)),
        spec=_spec(lines, total, scale, look.WIDE),
        narrow=_spec(lines, total, scale, look.NARROW),
        empty=not any(each.figure.shown for each in ordered),
    )


def _heading(scale: Scale) -> str:
    """Return what stands over the figures: the scale's name where it fits."""
    return scale.name if len(scale.name) <= len("Share") else "Score"


def _note(figure: Figure) -> str:
    return ": ".join(part for part in (figure.standing_text, figure.reason) if part)


def _description(segments: Sequence[Segment], total: Figure | None) -> str:
    shown = [segment for segment in segments if segment.figure.shown]
    if not shown:
        return "No segment has a score that may be shown."
    parts = [f"{len(shown)} of {len(segments)} segments shown"]
    top = max(shown, key=lambda each: each.figure.value or 0)
    bottom = min(shown, key=lambda each: each.figure.value or 0)
    parts.append(f"highest {top.label}, {top.figure.sentence}")
    if bottom is not top:
        parts.append(f"lowest {bottom.label}, {bottom.figure.sentence}")
    if total is not None and total.shown:
        parts.append(f"all together {total.sentence}")
    return "; ".join(parts) + "."


def _spec(lines: Sequence[_Line], total: Figure | None, scale: Scale, width: int) -> dict[str, Any]:
    narrow = width < look.WIDE
    figures = [line.segment.figure for line in lines if line.segment is not None]
    spans = [(f.low, f.high) for f in figures if f.low is not None and f.high is not None]
    if total is not None and total.low is not None and total.high is not None:
        spans.append((total.low, total.high))
    least = (scale.high - scale.low) * 0.15
    low, high = look.axis_range(spans, low=scale.low, high=scale.high, least=least)
    y = ruled.names(
        [line.label for line in lines],
        limit=104 if narrow else 186,
        bold=[i for i, line in enumerate(lines) if line.segment is None],
    )
    x = ruled.ruler("value", low, high, signed=scale.signed, narrow=narrow)
    layers = [*_total(total, x), *_separators(lines, y), *_marks(lines, x, y)]
    layers += numbers.columns(_numbers(lines), y, heading=_heading(scale), narrow=narrow)
    return ruled.spec(width, ROW * max(len(lines), 1), layers)


def _total(total: Figure | None, x: dict[str, Any]) -> list[dict[str, Any]]:
    if total is None or total.value is None:
        return []
    data = look.values([{"value": total.value, "low": total.low, "high": total.high}])
    return [
        {
            "data": data,
            "mark": {"type": "rect", "color": look.LINE_STRONG, "opacity": 0.2},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "data": data,
            "mark": {"type": "rule", "color": look.INK_3, "strokeDash": [5, 3]},
            "encoding": {"x": x},
        },
    ]


def _separators(lines: Sequence[_Line], y: dict[str, Any]) -> list[dict[str, Any]]:
    heads = [{"row": i} for i, line in enumerate(lines) if line.segment is None]
    if not heads:
        return []
    return [
        {
            "data": look.values(heads),
            "mark": {"type": "rule", "color": look.LINE_STRONG},
            "encoding": {"y": {**y, "bandPosition": 1}},
        }
    ]


def _marks(lines: Sequence[_Line], x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    data = []
    hidden = []
    for row, line in enumerate(lines):
        if line.segment is None:
            continue
        figure = line.segment.figure
        if not figure.shown:
            hidden.append({"row": row, "text": figure.standing_text.lower()})
            continue
        data.append(
            {
                "row": row,
                "value": figure.value,
                "low": figure.low,
                "high": figure.high,
                "faint": look.FAINT if figure.standing == "imprecise" else 1,
                "fill": look.SURFACE if figure.standing == "incomplete" else look.INK,
            }
        )
    layers = ruled.dots(data, x, y)
    if hidden:
        layers += [
            {
                "data": look.values(hidden),
                "mark": {
                    "type": "rule",
                    "color": look.LINE_STRONG,
                    "strokeWidth": 8,
                    "strokeDash": [1, 4],
                    "opacity": 0.8,
                },
                "encoding": {"y": y},
            },
        ]
    return layers


def _numbers(lines: Sequence[_Line]) -> list[dict[str, Any]]:
    return [
        numbers.of(row, line.segment.figure)
        for row, line in enumerate(lines)
        if line.segment is not None
    ]
