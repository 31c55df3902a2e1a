"""Pictures of results, drawn by the charts the product's pages use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promontory.measurement import Estimate


def _figure(estimate: Estimate) -> Any:
    from promontory.charts import Figure, Scale

    metric = estimate.metric
    scale = Scale(metric.name, *metric.bounds, metric.decimals)
    return Figure.of(estimate, scale=scale)


def _share(estimate: Estimate) -> Any:
    from promontory.charts import PERCENT, Figure

    return Figure.of(estimate, scale=PERCENT)


def intervals_picture(result: Any) -> Any:
    """The groups of a score with their intervals and the total, as an SVG."""
    from promontory import charts

    segments = [charts.Segment(group.name, _figure(group.estimate)) for group in result.groups]
    total = _figure(result.estimate)
    title = "By " + " × ".join(result.by)
    chart = charts.intervals(segments, total=total, scale=total.scale, title=title)
    return charts.render.svg(chart)


def scores_picture(scores: Mapping[str, Estimate]) -> Any:
    """Named scores with their intervals, as an SVG."""
    from promontory import charts

    segments = [charts.Segment(name, _figure(estimate)) for name, estimate in scores.items()]
    chart = charts.intervals(segments, scale=segments[0].figure.scale, title="Compared")
    return charts.render.svg(chart)


def distribution_picture(result: Any) -> Any:
    """How the answers are spread, each share with its interval, as an SVG."""
    from promontory import charts
    from promontory.measurement.inference.proportions import share

    tally, metric = result.tally, result.metric
    if len(metric.groups) not in (2, 3):
        return scores_picture({metric.name: result.estimate})
    bars = [
        charts.Bar(answer, float(tally.w.get(answer, 0)), _share(share(tally, [answer], metric)))
        for answer in metric.answers
    ]
    keys = ("detractor", "passive", "promoter")
    places = keys if len(metric.groups) == 3 else ("detractor", "promoter")
    groups = [
        charts.Group(
            key, group.name, min(group.answers), max(group.answers),  # type: ignore[arg-type]
            sum(float(tally.w.get(answer, 0)) for answer in group.answers),
            _share(share(tally, group.answers, metric)),
        )
        for key, group in zip(places, metric.groups, strict=True)
    ]  # fmt: skip
    return charts.render.svg(charts.distribution(bars, groups))


def mix_picture(change: Any) -> Any:
    """The way from the old score to the new one, as an SVG."""
    from promontory import charts

    found = change.explanation
    before, after = _figure(change.before), _figure(change.after)
    steps = []
    for kind in ("within", "mix"):
        for segment in found.segments:
            part = getattr(segment, kind)
            base = segment.base_before + segment.base_after
            figure = charts.Figure(part.value, part.low, part.high, base, scale=charts.DIFFERENCE)
            steps.append(charts.Step(segment.name, kind, figure))
    return charts.render.svg(charts.mix_shift(before, steps, after, scale=before.scale))
