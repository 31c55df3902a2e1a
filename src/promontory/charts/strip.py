"""A score and its interval on one line, drawn without the chart engine: for rows and cards."""

from __future__ import annotations

from xml.sax.saxutils import escape

from promontory.charts.figure import Figure
from promontory.charts.markup import Markup

WIDTH, HEIGHT, MIDDLE, INSET = 240, 20, 10, 2


def strip(figure: Figure, *, low: float | None = None, high: float | None = None) -> Markup:
    """Return an SVG of one line: scale and zero, the interval as a band, the value as a tick."""
    scale = figure.scale
    start = scale.low if low is None else low
    end = scale.high if high is None else high

    def at(value: float) -> float:
        share = (min(max(value, start), end) - start) / (end - start)
        return round(INSET + share * (WIDTH - 2 * INSET), 1)

    line = f"M{INSET} {MIDDLE}H{WIDTH - INSET}"
    if figure.value is None or figure.low is None or figure.high is None:
        drawn = (
            f'<path d="{line}" stroke="var(--line-strong)" stroke-width="6" '
            'stroke-dasharray="2 4"/>'
        )
    else:
        faint = ' opacity="0.45"' if figure.standing == "imprecise" else ""
        left, right = at(figure.low), max(at(figure.high), at(figure.low) + 4)
        zero = f"M{at(0)} 5V15" if start < 0 < end else ""
        dashes = ' stroke-dasharray="2 2"' if figure.standing == "incomplete" else ""
        drawn = (
            f'<path d="{line}" stroke="var(--line-strong)"/>'
            f'<path d="{zero}" stroke="var(--line-strong)"/>'
            f'<g{faint}><rect x="{left}" y="5" width="{round(right - left, 1)}" height="10" rx="2" '
            'fill="var(--line-strong)"/>'
            f'<path d="M{at(figure.value)} 1V19" stroke="var(--ink)" stroke-width="2.5"{dashes}/>'
            "</g>"
        )
    words = escape(figure.sentence, {'"': "&quot;"})
    return Markup(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="xMinYMid" role="img" aria-label="{words}" '
        f'focusable="false">{drawn}</svg>'
    )
