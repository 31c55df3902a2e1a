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

    across = f"M{INSET} {MIDDLE}H{WIDTH - INSET}"
    if figure.value is None or figure.low is None or figure.high is None:
        drawn = _line(across, "line-strong", ' stroke-width="6" stroke-dasharray="2 4"')
    else:
        left, right = at(figure.low), max(at(figure.high), at(figure.low) + 4)
        dashes = ' stroke-dasharray="2 2"' if figure.standing == "incomplete" else ""
        drawn = "".join(
            (
                _line(across, "line-strong"),
                _line(f"M{at(0)} 5V15", "line-strong") if start < 0 < end else "",
                '<g opacity="0.45">' if figure.standing == "imprecise" else "<g>",
                f'<rect x="{left}" y="5" width="{round(right - left, 1)}" height="10" ',
                'fill="var(--line-strong)"/>',
                _line(f"M{at(figure.value)} 1V19", "ink", f' stroke-width="2.5"{dashes}'),
                "</g>",
            )
        )
    words = escape(figure.sentence, {'"': "&quot;"})
    return Markup(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none" role="img" aria-label="{words}" '
        f'focusable="false">{drawn}</svg>'
    )


def _line(path: str, colour: str, more: str = "") -> str:
    """A line that keeps its width however far the strip is stretched."""
    return f'<path d="{path}" stroke="var(--{colour})" vector-effect="non-scaling-stroke"{more}/>'
