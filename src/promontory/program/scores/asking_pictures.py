"""Pictures of response rates by channel, and of the score by channel."""

from __future__ import annotations

from dataclasses import replace

from promontory import charts
from promontory.charts import Chart, words
from promontory.measurement.metrics import Metric
from promontory.measurement.sampling import ResponseRate
from promontory.program.scores.queries.asking import Line, ResponseRates
from promontory.program.scores.queries.figure import scale_of
from promontory.program.scores.queries.modes import Modes

RATE = charts.Scale("Rate", 0.0, 100.0, 1, False, "%")


def rate_figure(rate: ResponseRate) -> charts.Figure:
    """Return a response rate as a figure; its base are those asked."""
    if rate.value is None or rate.low is None or rate.high is None:
        return charts.Figure(None, None, None, 0, scale=RATE)
    low, value, high = (100 * part for part in (rate.low, rate.value, rate.high))
    return charts.Figure(value, low, high, rate.asked, scale=RATE, level=rate.level)


def by_channel(found: ResponseRates) -> Chart:
    """Return the response rate of each channel, beside that of all together."""
    lines = found.channels
    chart = charts.intervals(
        [charts.Segment(line.label, rate_figure(line.rate)) for line in lines],
        total=rate_figure(found.total.rate),
        scale=RATE,
        title="Response rate by channel",
    )
    return replace(chart, description=" ".join(_told(line) for line in (*lines, found.total)))


def by_mode(modes: Modes, metric: Metric) -> Chart:
    """Return the score of each channel, as it is."""
    return charts.intervals(
        [charts.Segment(one.label, one.drawn) for one in modes.figures],
        scale=scale_of(metric),
        title="Score by channel",
    )


def _told(line: Line) -> str:
    """Say one rate for those who hear the picture."""
    figure = rate_figure(line.rate)
    return f"{line.label}: {figure.text}, {figure.span}, {words.count(figure.base)} asked."
