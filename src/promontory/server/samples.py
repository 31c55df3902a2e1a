"""Invented figures in every state a component can be in, for the living style page."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

from promontory.charts import (
    DIFFERENCE,
    PERCENT,
    Band,
    Bar,
    Chart,
    Figure,
    Group,
    GroupKey,
    Marker,
    Period,
    Segment,
    Standing,
    Step,
    comparison,
    distribution,
    intervals,
    mix_shift,
    tiers,
    trend,
)

WITHHELD = "Fewer than 5 people answered, and this survey promises confidentiality."
FIGURES: dict[str, Figure] = {
    "sound": Figure(31.6, 28.9, 34.2, 4_812),
    "imprecise": Figure(18.2, -9.4, 41.0, 33, "imprecise", "The interval is wider than 30 points."),
    "incomplete": Figure(36.4, 30.1, 42.2, 871, "incomplete", "November has nine days left."),
    "negative": Figure(-12.5, -16.0, -8.8, 2_310),
    "withheld": Figure.withheld(WITHHELD),
    "empty": Figure(None, None, None, 0, reason="Nobody has answered in this period."),
}


def _share(part: float, whole: float, standing: Standing = "sound") -> Figure:
    """Wilson's interval is close enough for an invented picture."""
    p, z = part / whole, 1.96
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole**2)) / (1 + z * z / whole)
    low, high = (middle - half) * 100, (middle + half) * 100
    return Figure(p * 100, max(low, 0), min(high, 100), int(whole), standing, scale=PERCENT)


def spread(counts: tuple[int, ...], standing: Standing = "sound") -> Chart:
    """Return the distribution of these eleven counts."""
    whole = sum(counts)
    sides: tuple[tuple[GroupKey, str, int, int], ...] = (
        ("detractor", "Detractors", 0, 6),
        ("passive", "Passives", 7, 8),
        ("promoter", "Promoters", 9, 10),
    )
    groups = [
        Group(
            key,
            label,
            a,
            b,
            sum(counts[a : b + 1]),
            _share(sum(counts[a : b + 1]), whole, standing),
        )
        for key, label, a, b in sides
    ]
    bars = [Bar(i, n, _share(n, whole, standing)) for i, n in enumerate(counts)]
    return distribution(bars, groups)


def _months(count: int) -> list[tuple[date, date]]:
    starts = [date(2024 + m // 12, m % 12 + 1, 1) for m in range(10, 11 + count)]
    return list(pairwise(starts))


def course(count: int = 24) -> Chart:
    """Return two years of months with an outage, a thin start, withheld months and a newest one."""
    periods, band = [], []
    for i, (start, end) in enumerate(_months(count)):
        smooth = 26 + 7 * math.sin(i / 4) + i * 0.35 - (14 if 11 <= i <= 12 else 0)
        value = smooth + 3.1 * math.sin(i * 2.3)
        half = 11 if i < 3 else 4.2 + math.cos(i)
        standing: Standing = "imprecise" if i < 3 else "incomplete" if i == count - 1 else "sound"
        figure = Figure(value, value - half, value + half, 900 if i > 2 else 61, standing)
        if i in (6, 7):
            figure = Figure.withheld(WITHHELD)
        periods.append(Period(start, end, f"{start:%B %Y}", figure))
        band.append(Band(smooth, smooth - 3.5, smooth + 3.5) if i not in (6, 7) else None)
    markers = [
        Marker(date(2025, 10, 12), "Payment page down for nine hours"),
        Marker(date(2025, 3, 20), "Import of branch answers", "import"),
    ]
    return trend(periods, band=band, markers=markers[: 2 if count > 12 else 0])


NAMES = (
    ("North and Baltic States, small business accounts served by partners", 44.1, 3.0, 2_210, 1),
    ("الشرق الأوسط وشمال أفريقيا", 41.9, 4.1, 1_104, 1),
    ("West", 33.0, 2.6, 3_020, 2),
    ("South", 30.2, 3.8, 1_490, 2),
    ("Overseas", 28.0, 19.0, 41, None),
    ("East", 17.8, 3.1, 2_044, 3),
)


def _segments() -> list[Segment]:
    rows = [
        Segment(
            name,
            Figure(
                v, v - h, v + h, n, "sound" if tier else "imprecise", "Wide interval" * (not tier)
            ),
            tier,
        )
        for name, v, h, n, tier in NAMES
    ]
    return [*rows, Segment("Islands", FIGURES["withheld"])]


def pictures() -> list[tuple[str, Chart]]:
    """Return every kind of chart in its usual and unusual states."""
    total = FIGURES["sound"]
    gap = Figure(-6.4, -9.9, -2.9, 9_100, scale=DIFFERENCE)
    none = Figure(1.2, -2.6, 5.0, 9_100, scale=DIFFERENCE)
    steps = [
        Step("North", "within", Figure(1.8, 0.6, 3.0, 2_210, scale=DIFFERENCE)),
        Step("South", "within", Figure(0.9, -0.4, 2.2, 1_490, scale=DIFFERENCE)),
        Step("West", "within", Figure(2.1, 0.7, 3.5, 3_020, scale=DIFFERENCE)),
        Step("More answers from East", "mix", Figure(-8.6, -9.4, -7.8, 2_044, scale=DIFFERENCE)),
        Step("Fewer answers from North", "mix", Figure(-2.6, -3.2, -2.0, 2_210, scale=DIFFERENCE)),
    ]
    before, after = Figure(38.0, 35.2, 40.7, 4_410), Figure(31.6, 28.9, 34.2, 4_812)
    return [
        ("Usual", spread((60, 31, 44, 70, 88, 214, 260, 560, 1_015, 990, 1_480))),
        ("Thin base", spread((2, 0, 1, 0, 2, 3, 1, 5, 8, 6, 5), "imprecise")),
        ("Two years, every state of a period", course()),
        ("Short", course(8)),
        ("Segments with their total", intervals(_segments(), total=total)),
        ("Tiers", tiers(_segments(), total=total)),
        (
            "Every segment rose, the total fell",
            mix_shift(before, steps, after, before_label="September", after_label="October"),
        ),
        (
            "Real change",
            comparison(before, after, gap, first_label="September", second_label="October"),
        ),
        (
            "No detectable change",
            comparison(
                before, Figure(39.2, 36.4, 41.9, 4_690), none, first_label="Q2", second_label="Q3"
            ),
        ),
        (
            "Nothing to show",
            intervals([Segment("Islands", FIGURES["withheld"])], title="Withheld entirely"),
        ),
    ]
