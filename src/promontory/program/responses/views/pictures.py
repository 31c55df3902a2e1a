"""The picture of a preview: how the answers of a file are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promontory import charts
from promontory.charts.distribution import GroupKey
from promontory.measurement import Tally, metrics, share

_SIDES: tuple[GroupKey, ...] = ("detractor", "passive", "promoter")


@dataclass(frozen=True, slots=True)
class Spread:
    """The answers of one column: as a chart if they feed a metric, as rows otherwise."""

    name: str
    total: int
    without: int
    chart: charts.Chart | None
    rows: list[tuple[str, int, float]]


def spreads(preview: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[Spread]:
    """Return how the answers of each column are spread."""
    metric_of = {
        column["name"]: column.get("metric", "")
        for column in mapping["columns"]
        if column["role"] == "answer"
    }
    found = []
    for name, counts in preview["answers"].items():
        total = sum(counts.values())
        metric = metric_of.get(name, "")
        chart = _chart(name, counts, metric) if metric and total else None
        rows = [(value, n, 100 * n / total) for value, n in counts.items()]
        without = preview["counts"].get(f"skipped: {name}", 0)
        found.append(Spread(name, total, without, chart, rows))
    return found


def _chart(name: str, counts: Mapping[str, int], key: str) -> charts.Chart:
    metric = metrics.get(key)
    tally = Tally({int(value): n for value, n in counts.items()})

    def part(answers: Sequence[int]) -> tuple[int, charts.Figure]:
        count = sum(counts.get(str(answer), 0) for answer in answers)
        return count, charts.Figure.of(share(tally, answers, metric), scale=charts.PERCENT)

    bars = [charts.Bar(answer, *part((answer,))) for answer in metric.answers]
    sides = _SIDES if len(metric.groups) == 3 else ("detractor", "promoter")
    groups = [
        charts.Group(
            side,
            group.name,
            min(group.answers),
            max(group.answers),
            *part(group.answers),
        )
        for side, group in zip(sides, metric.groups, strict=True)
    ]
    return charts.distribution(bars, groups, title=f"The answers in “{name}”")
