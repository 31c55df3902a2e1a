"""One chart of each kind, with labels that try to break out of their place."""

from __future__ import annotations

from datetime import date

from promontory import charts
from promontory.charts import (
    DIFFERENCE,
    PERCENT,
    Band,
    Bar,
    Chart,
    Figure,
    Group,
    Marker,
    Period,
    Segment,
    Step,
)

NASTY = '</text><script>alert("x")</script> #1a1e24 \' + datum'
HIDDEN = Figure.withheld("Fewer than 5 people answered.")


def points(value: float, half: float = 3.0, base: int = 900) -> Figure:
    return Figure(value, value - half, value + half, base)


def share(value: float) -> Figure:
    return Figure(value, max(value - 1, 0), min(value + 1, 100), 900, scale=PERCENT)


def distribution() -> Chart:
    counts = (6, 3, 4, 7, 8, 21, 26, 56, 101, 99, 148)
    whole = sum(counts)
    bars = [Bar(i, n, share(100 * n / whole)) for i, n in enumerate(counts)]
    groups = [
        Group("detractor", "Detractors", 0, 6, 75, share(100 * 75 / whole)),
        Group("passive", "Passives", 7, 8, 157, share(100 * 157 / whole)),
        Group("promoter", NASTY, 9, 10, 247, share(100 * 247 / whole)),
    ]
    return charts.distribution(bars, groups)


def trend() -> Chart:
    edges = [date(2025, m, 1) for m in range(1, 8)]
    figures = [
        Figure(20.0, 8.0, 32.0, 40, "imprecise"),
        points(25.0),
        HIDDEN,
        HIDDEN,
        points(31.0),
        Figure(33.0, 25.0, 40.0, 200, "incomplete"),
    ]
    periods = [
        Period(a, b, f"{a:%B %Y}", f) for a, b, f in zip(edges, edges[1:], figures, strict=False)
    ]
    band = [Band(22, 18, 26), Band(24, 21, 27), None, None, Band(30, 27, 33), None]
    markers = [Marker(date(2025, 2, 14), NASTY), Marker(date(2025, 5, 2), "Import", "import")]
    return charts.trend(periods, band=band, markers=markers)


def segments() -> list[Segment]:
    return [
        Segment("West", points(33.0), 2),
        Segment(NASTY, points(44.0), 1),
        Segment("West", points(30.0), 2),
        Segment("Islands", HIDDEN),
        Segment("Overseas", Figure(28.0, 9.0, 47.0, 41, "imprecise")),
    ]


def intervals() -> Chart:
    return charts.intervals(segments(), total=points(35.0, 1.0))


def tiers() -> Chart:
    return charts.tiers(segments(), total=points(35.0, 1.0))


def mix_shift() -> Chart:
    def step(value: float) -> Figure:
        return Figure(value, value - 1, value + 1, 900, scale=DIFFERENCE)

    steps = [Step(NASTY, "within", step(2.0)), Step("East", "mix", step(-8.4))]
    return charts.mix_shift(points(38.0), steps, points(31.6))


def comparison() -> Chart:
    difference = Figure(-6.4, -9.9, -2.9, 1_800, scale=DIFFERENCE)
    return charts.comparison(
        points(38.0), points(31.6), difference, first_label=NASTY, second_label="October"
    )


EACH = {
    "distribution": distribution,
    "trend": trend,
    "intervals": intervals,
    "tiers": tiers,
    "mix_shift": mix_shift,
    "comparison": comparison,
}
