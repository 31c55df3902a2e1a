"""How the answers 0–10 are spread over detractors, passives and promoters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from promontory.charts import look, words
from promontory.charts.chart import Chart, Column, Value
from promontory.charts.figure import Figure

GroupKey = Literal["detractor", "passive", "promoter"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One answer: how many gave it, and its share in percent with an interval."""

    answer: int
    count: float
    share: Figure


@dataclass(frozen=True, slots=True)
class Group:
    """The answers of one group together; the bars between `first` and `last` are its own."""

    key: GroupKey
    label: str
    first: int
    last: int
    count: float
    share: Figure


def distribution(
    bars: Sequence[Bar], groups: Sequence[Group], *, title: str = "How the answers are spread"
) -> Chart:
    """Return bars of each answer's share with its interval, gathered by group.

    A share withheld leaves its bar undrawn and says so in the rows; answers nobody gave are zero.
    """
    rows = tuple(_row(str(bar.answer), bar.count, bar.share) for bar in bars)
    rows += tuple(_row(group.label, group.count, group.share) for group in groups)
    return Chart(
        kind="distribution",
        title=title,
        description=_description(groups),
        columns=(
            Column("Answer"),
            Column("Respondents", "count"),
            Column("Share", "share"),
            Column("Low", "share"),
            Column("High", "share"),
        ),
        rows=rows,
        standings=tuple(bar.share.standing for bar in bars)
        + tuple(group.share.standing for group in groups),
        spec=_spec(bars, groups, look.WIDE),
        narrow=_spec(bars, groups, look.NARROW),
        empty=not any(bar.share.shown for bar in bars),
    )


def _row(label: str, count: float, share: Figure) -> tuple[Value, ...]:
    return (label, count if share.shown else None, share.value, share.low, share.high)


def _description(groups: Sequence[Group]) -> str:
    if not any(group.share.shown for group in groups):
        reasons = {group.share.reason for group in groups if group.share.reason}
        return "; ".join(sorted(reasons)) or "Nobody has answered yet."
    parts = (f"{group.label} {group.share.sentence}" for group in groups)
    return f"Bars of the share of each answer. {'; '.join(parts)}."


def _spec(bars: Sequence[Bar], groups: Sequence[Group], width: int) -> dict[str, Any]:
    narrow = width < look.WIDE
    drawn = [bar for bar in bars if bar.share.shown]
    tallest = max((bar.share.high or 0 for bar in drawn), default=10.0)
    room = tallest * 1.14
    data = [
        {
            "answer": bar.answer,
            "from": bar.answer - 0.4,
            "to": bar.answer + 0.4,
            "share": bar.share.value,
            "low": bar.share.low,
            "high": bar.share.high,
            "text": words.decimal(bar.share.value or 0, 0 if narrow else 1),
            "colour": look.LIGHT[_group_of(bar.answer, groups)],
            "faint": look.FAINT if bar.share.standing == "imprecise" else 1,
        }
        for bar in drawn
    ]
    spans = [
        {
            "from": group.first - 0.4,
            "to": group.last + 0.4,
            "middle": (group.first + group.last) / 2,
            "name": _short(group, narrow),
            "share": group.share.text,
            "span": "" if narrow else group.share.interval_text,
            "colour": look.LIGHT[group.key],
            "ink": look.LIGHT[f"{group.key}-text"],
        }
        for group in groups
    ]
    first = min((bar.answer for bar in bars), default=0)
    last = max((bar.answer for bar in bars), default=10)
    x = look.number(
        "from",
        scale={"domain": [first - 0.5, last + 0.5], "nice": False, "zero": False},
        axis={
            "title": None,
            "grid": False,
            "values": list(range(first, last + 1)),
            "format": "d",
            "labelColor": look.INK,
            "labelPadding": 6,
        },
    )
    y = look.number("share", scale={"domain": [0, room]}, axis=None)
    own = {"fill": {"field": "colour", "type": "nominal", "scale": None}}
    faint = {"opacity": {"field": "faint", "type": "quantitative", "scale": None}}
    height = 200
    below = {"y": {"value": height + 36}}
    layers: list[dict[str, Any]] = [
        {
            "data": look.values(data),
            "mark": {"type": "rect", "cornerRadiusTopLeft": 2, "cornerRadiusTopRight": 2},
            "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"datum": 0}, **own, **faint},
        },
        {
            "data": look.values(data),
            "mark": {"type": "rule", "strokeWidth": 1.5, "color": look.INK},
            "encoding": {
                "x": look.number("answer"),
                "y": look.number("low"),
                "y2": {"field": "high"},
                **faint,
            },
        },
        {
            "data": look.values(data),
            "mark": {"type": "text", "dy": -10, "color": look.INK},
            "encoding": {
                "x": look.number("answer"),
                "y": look.number("high"),
                "text": {"field": "text"},
            },
        },
        {
            "data": look.values([{"answer": first - 0.5, "to": last + 0.5}]),
            "mark": {"type": "rule", "color": look.LINE_STRONG},
            "encoding": {"x": look.number("answer"), "x2": {"field": "to"}, "y": {"datum": 0}},
        },
        {
            "data": look.values(spans),
            "mark": {"type": "rule", "strokeWidth": 4},
            "encoding": {
                "x": look.number("from"),
                "x2": {"field": "to"},
                **below,
                "stroke": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
    ]
    layers.append(
        {
            "data": look.values([{}]),
            "mark": {
                "type": "text",
                "align": "left",
                "baseline": "top",
                "color": look.INK_3,
                "text": "% of respondents",
            },
            "encoding": {"x": {"value": 0}, "y": {"value": 0}},
        }
    )
    for line, (field, weight) in enumerate((("name", 600), ("share", 600), ("span", 400))):
        if narrow and field == "span":
            continue
        layers.append(
            {
                "data": look.values(spans),
                "mark": {"type": "text", "fontWeight": weight, "clip": False},
                "encoding": {
                    "x": look.number("middle"),
                    "y": {"value": height + 54 + 18 * line},
                    "text": {"field": field},
                    "color": {"field": "ink", "type": "nominal", "scale": None}
                    if field != "span"
                    else {"value": look.INK_3},
                },
            }
        )
    return look.spec(width, height, layers)


def _short(group: Group, narrow: bool) -> str:
    span = f"{group.first}–{group.last}" if group.first != group.last else str(group.first)
    if narrow and group.last - group.first < 3:
        return span
    return f"{group.label} {span}"


def _group_of(answer: int, groups: Sequence[Group]) -> str:
    for group in groups:
        if group.first <= answer <= group.last:
            return group.key
    return "passive"
