"""Draw a chart: as SVG for a page or a file, as PNG, or as the CSV of its rows.

The engine (vl-convert) is imported at the first drawing. A drawing costs some 20 ms, so the last
few hundred are kept.
"""

from __future__ import annotations

import csv as _csv
import io
import json
import re
from functools import lru_cache
from typing import Any, Literal
from xml.sax.saxutils import escape

from promontory.charts import look
from promontory.charts.cells import harmless
from promontory.charts.chart import Chart, Value
from promontory.charts.markup import Markup

Theme = Literal["light", "dark"]

_TOKENS = {colour: name for name, colour in look.LIGHT.items()}
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_FAMILY = re.compile(r' font-family="[^"]*"')
_NOISE = re.compile(
    r'<path class="(?:background|foreground)"[^>]*(?:d="M0,0h0v0h0Z"|display="none")[^>]*/>'
    r'| (?:class|role|aria-[a-z]+|pointer-events)="[^"]*"'
    r'| opacity="1"| version="1\.1"| xmlns:xlink="[^"]*"'
)
_NUMBER = re.compile(r"<text( [^>]*>[-+−\d.,%\s]+(?: to [-+−\d.,%\s]+)?</text>)")
_OPENING = re.compile(r'<svg[^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')


def inline(chart: Chart, *, narrow: bool = False) -> Markup:
    """Return the chart as SVG for a page: its colours and fonts follow the page's own.

    It holds no style element or attribute, so a strict content security policy lets it through.
    """
    drawing = _tidy(_drawn(json.dumps(chart.narrow if narrow else chart.spec)))
    drawing = _NUMBER.sub(r'<text class="number"\1', _FAMILY.sub("", drawing))
    drawing = _recolour(drawing, lambda name, colour: f"var(--{name}, {colour})")
    size = "narrow" if narrow else "wide"
    return _named(drawing, chart, f"{chart.ident}-{size}", css_class=size)


def svg(chart: Chart, theme: Theme = "light") -> Markup:
    """Return the chart as an SVG file of its own, with title and notes inside."""
    drawing = _tidy(_drawn(json.dumps(_alone(chart))))
    if theme == "dark":
        drawing = _recolour(drawing, lambda name, _: look.DARK[name])
    return _named(drawing, chart, chart.ident, css_class="")


def png(chart: Chart, *, scale: float = 2.0) -> bytes:
    """Return the chart as a PNG on white, with title and notes inside."""
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(_alone(chart), scale=scale)
    return drawn


def csv(chart: Chart) -> str:
    """Return the rows behind the chart as CSV, unrounded; no cell can act as a formula."""
    out = io.StringIO()
    writer = _csv.writer(out, lineterminator="\r\n")
    writer.writerow([_safe(column.label) for column in chart.columns])
    writer.writerows([_safe(value) for value in row] for row in chart.rows)
    return out.getvalue()


def _safe(value: Value) -> str | float | int:
    """Return a value as it is written; numbers of our own may begin with a minus."""
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else value


def _alone(chart: Chart) -> dict[str, Any]:
    """Return the wide picture with what the page says around it: title, notes, paper."""
    lines = [f"{note.key}  {note.text}" for note in chart.notes]
    return {
        **chart.spec,
        "width": look.WIDE + 40,
        "padding": {side: room + 20 for side, room in chart.spec["padding"].items()},
        "title": {"text": chart.title, "subtitle": lines} if lines else chart.title,
        "background": look.LIGHT["surface"],
    }


@lru_cache(maxsize=384)
def _drawn(spec: str) -> str:
    import vl_convert

    drawing: str = vl_convert.vegalite_to_svg(spec)
    return drawing


def _tidy(drawing: str) -> str:
    """Drop what only the engine's own tools read, which is half of the bytes."""
    drawing = _NOISE.sub("", drawing)
    while "<g></g>" in drawing or "<g/>" in drawing:
        drawing = drawing.replace("<g></g>", "").replace("<g/>", "")
    return drawing


def _recolour(drawing: str, to: Any) -> str:
    def swap(found: re.Match[str]) -> str:
        colour = found.group()
        return str(to(_TOKENS[colour], colour)) if colour in _TOKENS else colour

    # Only attributes are rewritten: a segment may well be called “#1a1e24”.
    pieces = re.split(r"(>[^<]*<)", drawing)
    return "".join(p if i % 2 else _COLOUR.sub(swap, p) for i, p in enumerate(pieces))


def _named(drawing: str, chart: Chart, ident: str, *, css_class: str) -> Markup:
    """Give the picture its role, its name and its description."""
    found = _OPENING.search(drawing)
    if found is None:  # pragma: no cover - the engine always writes one
        raise RuntimeError("the chart engine returned no SVG")
    width, height = found.groups()
    classes = f' class="{css_class}"' if css_class else ""
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{classes} width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc">'
        f'<title id="{ident}-title">{escape(chart.title)}</title>'
        f'<desc id="{ident}-desc">{escape(chart.description)}</desc>'
    )
    return Markup(opening + drawing[found.end() :])
