"""Pictures of figures: plain values in, a Vega-Lite spec with title, description and rows out.

Every kind draws the interval of every number, and draws what is withheld as withheld. A new kind
is one function and one line in `kinds`.

    chart = charts.trend(periods, band=band)
    charts.render.inline(chart)     SVG for a page, themed by it
    charts.render.svg(chart)        an SVG file · render.png(chart) · render.csv(chart)
    charts.strip(figure)            one figure on one line, without the chart engine
"""

from __future__ import annotations

from collections.abc import Callable

from promontory.charts import render
from promontory.charts.chart import Cell, Chart, Column, Note, Row
from promontory.charts.comparison import comparison
from promontory.charts.course import Band, Marker, Period
from promontory.charts.distribution import Bar, Group, GroupKey, distribution
from promontory.charts.figure import DIFFERENCE, PERCENT, SCORE, Figure, Scale, Standing
from promontory.charts.intervals import Segment, intervals, tiers
from promontory.charts.markup import Markup
from promontory.charts.mix_shift import Step, mix_shift
from promontory.charts.strip import strip
from promontory.charts.trend import trend
from promontory.registry import Registry

kinds: Registry[Callable[..., Chart]] = Registry("chart")
kinds.add("distribution", distribution)
kinds.add("trend", trend)
kinds.add("intervals", intervals)
kinds.add("tiers", tiers)
kinds.add("mix_shift", mix_shift)
kinds.add("comparison", comparison)

__all__ = [
    "DIFFERENCE",
    "PERCENT",
    "SCORE",
    "Band",
    "Bar",
    "Cell",
    "Chart",
    "Column",
    "Figure",
    "Group",
    "GroupKey",
    "Marker",
    "Markup",
    "Note",
    "Period",
    "Row",
    "Scale",
    "Segment",
    "Standing",
    "Step",
    "comparison",
    "distribution",
    "intervals",
    "kinds",
    "mix_shift",
    "render",
    "strip",
    "tiers",
    "trend",
]
