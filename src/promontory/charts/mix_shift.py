"""Why a total moved: what changed inside the segments, and what only their shares changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from promontory.charts import look, numbers, ruled
from promontory.charts.chart import Chart, Column, Note
from promontory.charts.figure import SCORE, Figure, Scale

ROW = 32


@dataclass(frozen=True, slots=True)
class Step:
    """One contribution to the change, in points: a segment's own change, or a change of mix."""

    label: str
    kind: Literal["within", "mix"]
    figure: Figure


def mix_shift(
    before: Figure,
    steps: Sequence[Step],
    after: Figure,
    *,
    before_label: str = "Before",
    after_label: str = "After",
    scale: Scale = SCORE,
    title: str = "What moved the score",
) -> Chart:
    """Return a waterfall from before to after; each step carries the interval of its own size.

    Steps are raw points and add up to the change exactly. Withheld steps leave their place blank.
    """
    shown = before.shown and after.shown
    points = Scale("Points", -200, 200, scale.digits, True)
    return Chart(
        kind="mix_shift",
        title=title,
        description=_description(before, steps, after, before_label, after_label, points),
        columns=(
            Column("Step"),
            Column("Kind"),
            Column("Points", "score", scale.digits),
            Column("Low", "score", scale.digits),
            Column("High", "score", scale.digits),
        ),
        rows=(
            (before_label, "score", before.value, before.low, before.high),
            *(
                (step.label, step.kind, step.figure.value, step.figure.low, step.figure.high)
                for step in steps
            ),
            (after_label, "score", after.value, after.low, after.high),
        ),
        standings=(before.standing, *(step.figure.standing for step in steps), after.standing),
        spec=_spec(before, steps, after, (before_label, after_label), scale, look.WIDE),
        narrow=_spec(before, steps, after, (before_label, after_label), scale, look.NARROW),
        notes=(
            Note("■", "a change inside a segment"),
            Note("□", "a change of mix: more or fewer answers from a segment"),
        ),
        empty=not shown,
    )


def _description(
    before: Figure,
    steps: Sequence[Step],
    after: Figure,
    before_label: str,
    after_label: str,
    points: Scale,
) -> str:
    if before.value is None or after.value is None:
        missing = before if before.value is None else after
        return f"The change cannot be taken apart: {missing.sentence}."

    def sum_of(kind: str) -> str:
        values = [step.figure.value or 0 for step in steps if step.kind == kind]
        return points.text(sum(values))

    return (
        f"{before_label} {before.sentence}; {after_label} {after.sentence}. "
        f"Changes within segments add {sum_of('within')} points, "
        f"changes of mix {sum_of('mix')} points."
    )


def _spec(
    before: Figure,
    steps: Sequence[Step],
    after: Figure,
    labels: tuple[str, str],
    scale: Scale,
    width: int,
) -> dict[str, Any]:
    narrow = width < look.WIDE
    rows = _rows(before, steps, after, labels, scale)
    spans = [(row["low"], row["high"]) for row in rows]
    spans += [(min(row["from"], row["to"]), max(row["from"], row["to"])) for row in rows]
    bound = max(abs(scale.low), abs(scale.high)) * 2
    low, high = look.axis_range(spans, low=-bound, high=bound, least=4)
    y = ruled.names([row["label"] for row in rows], limit=130 if narrow else 222)
    y["scale"] |= {"paddingInner": 0.3, "paddingOuter": 0.15}
    x = ruled.ruler("value", low, high, signed=scale.signed, narrow=narrow)
    return ruled.spec(
        width,
        ROW * len(rows),
        [
            *_bars(rows, x, y),
            *_links(rows, x, y),
            *_ends(rows, x, y),
            *numbers.columns(rows, y, heading="Points", narrow=narrow, base=False),
        ],
    )


def _rows(
    before: Figure,
    steps: Sequence[Step],
    after: Figure,
    labels: tuple[str, str],
    scale: Scale,
) -> list[dict[str, Any]]:
    points = Scale("Points", -200, 200, scale.digits, True)
    if before.value is None or after.value is None:
        return []
    at = before.value
    rows = [_end(0, labels[0], before)]
    for index, step in enumerate(steps, start=1):
        size = step.figure.value or 0.0
        rows.append(
            {
                "row": index,
                "label": f"{step.label}, mix" if step.kind == "mix" else step.label,
                "kind": step.kind if step.figure.shown else "hidden",
                "from": at,
                "to": at + size,
                "value": at + size,
                "low": at + (step.figure.low or 0.0),
                "high": at + (step.figure.high or 0.0),
                "text": points.text(size) if step.figure.shown else "withheld",
                "span": Figure(
                    size, step.figure.low, step.figure.high, 1, scale=points
                ).interval_text
                if step.figure.shown
                else "",
                "faint": look.FAINT if step.figure.standing == "imprecise" else 1,
                "ink": look.INK if step.figure.shown else look.INK_3,
            }
        )
        at += size
    rows.append(_end(len(rows), labels[1], after))
    return rows


def _end(row: int, label: str, figure: Figure) -> dict[str, Any]:
    return {
        "row": row,
        "label": label,
        "kind": "score",
        "from": figure.value,
        "to": figure.value,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "text": figure.text,
        "span": figure.interval_text,
        "faint": 1,
        "ink": look.INK,
    }


def _bars(rows: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """Within is a filled bar, mix an outlined one: the kind is told by shape, not by colour."""
    marks: dict[str, dict[str, Any]] = {
        "within": {"type": "bar", "fill": look.LINE_STRONG, "cornerRadius": 1},
        "mix": {
            "type": "bar",
            "fill": look.SURFACE,
            "stroke": look.LINE_STRONG,
            "strokeWidth": 1.5,
            "cornerRadius": 1,
        },
    }
    return [
        {
            "data": look.values([row for row in rows if row["kind"] == kind]),
            "mark": mark,
            "encoding": {
                "y": y,
                "x": {**x, "field": "from"},
                "x2": {"field": "to"},
                "opacity": {"field": "faint", "type": "quantitative", "scale": None},
            },
        }
        for kind, mark in marks.items()
        if any(row["kind"] == kind for row in rows)
    ]


def _links(
    rows: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]
) -> list[dict[str, Any]]:
    data = [{"row": row["row"], "next": row["row"] + 1, "value": row["to"]} for row in rows[:-1]]
    return [
        {
            "data": look.values(data),
            "mark": {"type": "rule", "color": look.INK_3, "strokeDash": [2, 2]},
            "encoding": {
                "x": x,
                "y": {**y, "bandPosition": 0.5},
                "y2": {"field": "next", "bandPosition": 0.5},
            },
        }
    ]


def _ends(rows: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    shown = [row for row in rows if row["kind"] != "hidden"]
    dots = [row for row in rows if row["kind"] == "score"]
    return [
        {
            "data": look.values(shown),
            "mark": {"type": "rule", "color": look.INK, "strokeWidth": 1.5},
            "encoding": {
                "y": {**y, "bandPosition": 0.5},
                "x": {**x, "field": "low"},
                "x2": {"field": "high"},
            },
        },
        {
            "data": look.values(dots),
            "mark": {"type": "circle", "size": 64, "opacity": 1, "fill": look.INK},
            "encoding": {"y": {**y, "bandPosition": 0.5}, "x": x},
        },
    ]
