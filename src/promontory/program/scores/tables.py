"""The tables of the pages: what moved, what changed by segment, two attributes crossed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from promontory.charts import Cell, Column, Row, words
from promontory.measurement import Difference
from promontory.program.scores.pictures import capital
from promontory.program.scores.queries.explore import Exploration
from promontory.program.scores.queries.figure import Figure, scale_of
from promontory.program.scores.queries.overview import Overview

MOST_MOVES = 8
TIERS = {1: "Above the others", 2: "No detectable difference", 3: "Below the others"}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows as the table component takes them."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Crossed:
    """One cell of a crossed table."""

    text: str
    span: str
    base: str
    standing: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cross:
    """Two attributes crossed: a column head, and rows of cells; the margin comes last."""

    first: str
    second: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Crossed | None, ...]], ...]


def moves_of(found: Overview) -> Table | None:
    """Return the segments that moved, each leading to itself in Explore."""
    if found.moves is None or not found.moves.found:
        return None
    columns = ("Segment", "Change", "Likely between", "Before", "After")
    rows = []
    for move in found.moves.found[:MOST_MOVES]:
        only = urlencode({f"f.{move.slice}": move.code})
        view = found.view.but(against="previous").query
        difference = move.difference
        rows.append(
            Row(
                (
                    Cell(f"{move.attribute}: {move.label}", False),
                    Cell(_points(difference, found), True),
                    Cell(_span(difference, found), True),
                    Cell(words.count(difference.base_before), True),
                    Cell(words.count(difference.base_after), True),
                ),
                href=f"{reverse('scores:explore')}?{view}&{only}",
            )
        )
    return Table(_columns(columns), tuple(rows))


def changes_of(found: Exploration) -> Table | None:
    """Return each segment now and then with the difference, when two periods are compared."""
    if len(found.view.by) != 1 or not any(cell.before for cell in found.cells):
        return None
    assert found.compared is not None
    columns = (
        "Segment",
        capital(found.compared.before.label),
        capital(found.period_label),
        "Change",
        "Likely between",
    )
    rows = [
        Row(
            (
                Cell(cell.labels[0], False),
                Cell(_value(cell.before), True),
                Cell(_value(cell.figure), True),
                Cell(_points(cell.difference, found), True),
                Cell(_span(cell.difference, found), True),
            ),
            "withheld" if cell.difference is None else "",
        )
        for cell in found.cells
    ]
    return Table(_columns(columns), tuple(rows))


def cross_of(found: Exploration) -> Cross | None:
    """Return the table of two attributes with its margins."""
    if len(found.view.by) != 2:
        return None
    first, second = (found.source.slices[key] for key in found.view.by)
    inner = {cell.key: cell.figure for cell in found.cells}
    rows = [
        (
            row.labels[0],
            (
                *(_crossed(inner.get((row.key[0], column.key[0]))) for column in found.columns),
                _crossed(row.figure),
            ),
        )
        for row in found.rows
    ]
    foot = (*(_crossed(column.figure) for column in found.columns), _crossed(found.total))
    return Cross(
        first.label,
        second.label,
        (*(column.labels[0] for column in found.columns), "All"),
        (*rows, ("All", foot)),
    )


def _crossed(figure: Figure | None) -> Crossed | None:
    if figure is None:
        return None
    drawn = figure.drawn
    base = words.count(drawn.base) if drawn.shown else ""
    return Crossed(
        drawn.text if drawn.shown else drawn.standing_text.lower(),
        drawn.interval_text,
        base,
        figure.standing,
        figure.withheld or figure.imprecise or figure.incomplete,
    )


def _columns(labels: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(Column(label, "text" if i == 0 else "score") for i, label in enumerate(labels))


def _value(figure: Figure | None) -> str:
    if figure is None:
        return words.EM_DASH
    drawn = figure.drawn
    return drawn.text if drawn.shown else drawn.standing_text.lower()


def _points(difference: Difference | None, found: Overview | Exploration) -> str:
    if difference is None or difference.value is None:
        return words.EM_DASH
    return words.decimal(difference.value, scale_of(found.source.metric).digits, signed=True)


def _span(difference: Difference | None, found: Overview | Exploration) -> str:
    if difference is None or difference.low is None or difference.high is None:
        return ""
    digits = scale_of(found.source.metric).digits
    low, high = (
        words.decimal(end, digits, signed=True) for end in (difference.low, difference.high)
    )
    return f"{low} to {high}"
