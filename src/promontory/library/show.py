"""How results print: one page of plain values, shown in a terminal, a notebook or a frame."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from promontory.measurement import Difference, Estimate, Metric, Tally
from promontory.measurement.decomposition import Effect, Explanation
from promontory.measurement.estimate import number
from promontory.tables.values import Counts, Verdict, shown

NOT_GIVEN = "(not given)"
_STRIP_CELLS = 25


@dataclass(frozen=True, slots=True)
class Page:
    """A result in plain parts: a sentence, figures by group, and whatever else belongs to it."""

    title: str
    heads: tuple[str, ...] = ()
    figures: tuple[tuple[Any, ...], ...] = ()
    spread: tuple[tuple[str, int, float], ...] = ()
    extra: tuple[tuple[str, str, Difference, float | None], ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def cell(value: str | None) -> str:
    """A group's value as shown."""
    return NOT_GIVEN if value is None else shown(value, 60)


def group_name(key: Sequence[str | None]) -> str:
    """A group's name as shown."""
    return " × ".join(cell(part) for part in key)


def counted(rows: int, verdicts: Counts) -> list[str]:
    """How many rows were read and what became of them, reasons and first places included."""
    found = verdicts.by_verdict
    if not found and not rows:
        return []
    parts = [f"{found[Verdict.OK]:,} counted"]
    if skipped := found[Verdict.SKIPPED]:
        parts.append(f"{skipped:,} without an answer")
    if blank := found[Verdict.BLANK_ROW]:
        parts.append(f"{blank:,} empty rows")
    if verdicts.refused:
        parts.append(f"{verdicts.refused:,} refused")
    lines = [f"Read {rows:,} rows: " + ", ".join(parts) + "."]
    for verdict, count in sorted(found.items(), key=lambda item: -item[1]):
        if verdict.refused:
            example = next(iter(verdicts.examples.get(verdict, [])), None)
            says = f"first: {example}" if example else f"{verdict.sentence}. {verdict.remedy}"
            lines.append(f"Refused {count:,} × {verdict.slug}; {says}")
    return lines


def spread(tally: Tally, metric: Metric) -> tuple[tuple[str, int, float], ...]:
    """Each group of the metric with how many gave its answers and their (weighted) share."""
    total = float(tally.weight)
    if not total:
        return ()
    return tuple(
        (
            group.name,
            sum(tally.n.get(answer, 0) for answer in group.answers),
            sum(float(tally.w.get(answer, 0)) for answer in group.answers) / total,
        )
        for group in metric.groups
    )


def parts(found: Explanation, decimals: int) -> tuple[tuple[str, ...], ...]:
    """The segments of a change as rows of text, within and mix at the end."""

    def figure(value: float | None) -> str:
        return "–" if value is None else number(value, decimals)

    def of(effect_: Effect) -> str:
        low, high = number(effect_.low, decimals), number(effect_.high, decimals)
        return f"{number(effect_.value, decimals, signed=True)} ({low} to {high})"

    rows = [
        (
            s.name, f"{s.share_before:.1%}", f"{s.share_after:.1%}",
            figure(s.score_before), figure(s.score_after), of(s.within), of(s.mix),
        )
        for s in found.segments
    ]  # fmt: skip
    rows.append(("All", "", "", "", "", of(found.within), of(found.mix)))
    return tuple(rows)


def effect(found: Effect) -> dict[str, float]:
    """An effect as plain values."""
    return {"value": found.value, "low": found.low, "high": found.high, "se": found.se}


def condition(metric: Metric, questions: Sequence[str]) -> str:
    """What a figure stands under while a question about its scale is open."""
    if not questions:
        return ""
    low, high = metric.scale
    return f" — if the scale was {low}–{high} and {high} its best answer"


def strip_text(estimate: Estimate) -> str:
    """The interval drawn in characters over the whole scale of the metric."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "·" * _STRIP_CELLS
    floor, ceiling = estimate.metric.bounds

    def at(value: float) -> int:
        return round((value - floor) / (ceiling - floor) * (_STRIP_CELLS - 1))

    cells = ["·"] * _STRIP_CELLS
    for place in range(at(estimate.low), at(estimate.high) + 1):
        cells[place] = "━"
    cells[at(estimate.value)] = "●"
    return "".join(cells)


def _figure_cells(estimate: Estimate) -> tuple[str, str, str]:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "no answers", "", f"{estimate.base:,}"
    places = estimate.metric.decimals
    interval = f"{number(estimate.low, places)} to {number(estimate.high, places)}"
    return number(estimate.value, places), interval, f"{estimate.base:,}"


def as_text(page: Page, *, colour: bool | None = None, width: int | None = None) -> str:
    """The page for a terminal; with colours only where somebody watches."""
    from rich import box
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    watched = sys.stdout.isatty() if colour is None else colour
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=watched, no_color=not watched, highlight=False, soft_wrap=True,
        width=width or (None if watched else 160), emoji=False, legacy_windows=False,
    )  # fmt: skip

    def grid(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> None:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
        for place, head in enumerate(heads):
            table.add_column(Text(head), justify="right" if place in right else "left")
        for row in rows:
            table.add_row(*(Text(value) for value in row))
        console.print(Padding(table, (1, 0, 1, 2)))

    console.print(Text(page.title, style="bold"))
    if page.figures:
        level = page.figures[0][-1].level
        names = len(page.heads)
        grid(
            (*page.heads, "score", f"{level:.0%} interval", "answers", ""),
            [(*row[:-1], *_figure_cells(row[-1]), strip_text(row[-1])) for row in page.figures],
            (names, names + 1, names + 2),
        )
    if page.spread:
        shares = (f"{name} {share:.1%} ({count:,})" for name, count, share in page.spread)
        console.print(Text("  " + " · ".join(shares)))
    if page.extra:
        grid(
            ("from", "to", "difference", "adjusted p"),
            [(a, b, d.sentence(), "" if p is None else f"{p:.3f}") for a, b, d, p in page.extra],
            (3,),
        )
    if page.parts:
        grid(_PART_HEADS, page.parts, (1, 2, 3, 4, 5, 6))
    for note in page.notes:
        console.print(Text(note, style="yellow" if note.startswith("Open question") else "dim"))
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().split("\n"))


_PART_HEADS = ("segment", "share before", "after", "score before", "after", "within", "mix")
# The strip is drawn in the tokens of the product's pages; a notebook gets their plain values.
_TOKENS = "--line-strong:#8a8f98;--ink:currentColor;font-variant-numeric:tabular-nums"


def as_html(page: Page) -> str:
    """The page for a notebook. Whatever came from a file is escaped."""
    from promontory.charts import Figure, Scale, strip

    def grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in heads)
        body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def drawn(estimate: Estimate) -> str:
        floor, ceiling = estimate.metric.bounds
        scale = Scale(estimate.metric.name, floor, ceiling, estimate.metric.decimals)
        return str(strip(Figure.of(estimate, scale=scale)))

    out = [f'<div style="{_TOKENS}"><p><strong>{escape(page.title)}</strong></p>']
    if page.figures:
        level = page.figures[0][-1].level
        rows = [
            [*(escape(str(c)) for c in row[:-1]), *map(escape, _figure_cells(row[-1])),
             drawn(row[-1])]
            for row in page.figures
        ]  # fmt: skip
        out.append(grid((*page.heads, "score", f"{level:.0%} interval", "answers", ""), rows))
    if page.spread:
        shares = (f"{name} {share:.1%} ({count:,})" for name, count, share in page.spread)
        out.append(f"<p>{escape(' · '.join(shares))}</p>")
    if page.extra:
        pairs = [
            [escape(a), escape(b), escape(d.sentence()), "" if p is None else f"{p:.3f}"]
            for a, b, d, p in page.extra
        ]
        out.append(grid(("from", "to", "difference", "adjusted p"), pairs))
    if page.parts:
        out.append(grid(_PART_HEADS, [[escape(c) for c in row] for row in page.parts]))
    if page.notes:
        out.append("<ul>" + "".join(f"<li>{escape(n)}</li>" for n in page.notes) + "</ul>")
    return "".join(out) + "</div>"


def as_frame(page: Page) -> Any:
    """The page's figures as a frame: pandas where installed, else Polars, else Arrow."""
    estimates = [row[-1] for row in page.figures]
    heads = [head or "name" for head in page.heads]
    data: dict[str, list[Any]] = {
        head: [row[place] for row in page.figures] for place, head in enumerate(heads)
    }
    if len(page.figures) == 1 and len(page.figures[0]) == 1:
        data = {}
    for field in ("value", "low", "high", "base", "effective_base"):
        data[field] = [getattr(estimate, field) for estimate in estimates]
    import narwhals as nw

    for backend in ("pandas", "polars", "pyarrow"):
        try:
            return nw.from_dict(data, backend=backend).to_native()
        except ModuleNotFoundError:
            continue
    raise AssertionError("Arrow is always installed")
