"""Exports: an exploration's cells as CSV or XLSX, with everything that makes a figure checkable."""

from __future__ import annotations

import io

from promontory.charts import Chart, Column, render
from promontory.charts.chart import Value
from promontory.program.scores.queries.explore import Exploration
from promontory.program.scores.queries.figure import Figure

COLUMNS = (
    "score",
    "low",
    "high",
    "base",
    "effective base",
    "standing",
    "reason",
    "metric",
    "period",
    "level",
    "interval",
    "method",
    "as-of position",
)
Row = tuple[Value, ...]


def table(found: Exploration) -> tuple[tuple[str, ...], list[Row]]:
    """Return the header and one row a cell, the total first; what is withheld has no number."""
    names = tuple(found.source.slices[key].label for key in found.view.by)
    rows = [(*("All" for _ in names), *_row(found, found.total))]
    rows += [(*cell.labels, *_row(found, cell.figure)) for cell in found.cells]
    return (*names, *COLUMNS), rows


def _row(found: Exploration, figure: Figure) -> Row:
    one = figure.estimate
    numbers: Row = (None,) * 5
    rules: Row = (None, None)
    if one is not None:
        numbers = (one.value, one.low, one.high, one.base, one.effective_base)
        rules = (one.level, one.method)
    reason = figure.withheld or figure.incomplete or figure.imprecise
    what = (figure.standing, reason, figure.metric.key, found.period_label)
    return (*numbers, *what, *rules, figure.method, figure.position)


def as_csv(found: Exploration) -> str:
    """Return the cells as CSV, unrounded; no cell can act as a formula."""
    header, rows = table(found)
    columns = tuple(Column(name) for name in header)
    return render.csv(Chart("cells", "Cells", "", columns, tuple(rows), spec={}, narrow={}))


def as_xlsx(found: Exploration) -> bytes:
    """Return the cells as a workbook; every text is written as text, never as a formula."""
    import xlsxwriter

    header, rows = table(found)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Scores")
    bold = book.add_format({"bold": True})
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value)
            elif value is not None:
                sheet.write_number(line, column, value)
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return out.getvalue()
