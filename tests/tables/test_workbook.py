"""Workbooks: the right sheet, the right rows, and formulas by what they came to."""

import datetime
import io

import pytest
import xlsxwriter

from promontory import tables
from promontory.errors import BadInput
from promontory.tables import values, workbook
from promontory.tables.values import Verdict


def book(fill, *, name="Answers"):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        fill(made.add_worksheet(name), made)
    return out.getvalue()


def column(table, name):
    return [cell for batch in table.batches() for cell in batch.column(name).to_pylist()]


def test_cells_are_text_as_people_see_them():
    def fill(sheet, made):
        sheet.write_row(0, 0, ["score", "date", "region"])
        sheet.write_row(1, 0, [9])
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 1, datetime.datetime(2026, 3, 1), day)
        sheet.write_row(2, 0, [8.5, "n/a", "Süd"])

    table = tables.open(book(fill))
    assert table.format == "XLSX"
    assert column(table, "score") == ["9", "8.5"]
    assert column(table, "date") == ["2026-03-01", "n/a"]
    assert column(table, "region") == [None, "Süd"]


def test_row_numbers_are_the_sheets_own():
    def fill(sheet, made):
        sheet.write_row(2, 1, ["score", "region"])
        sheet.write_row(3, 1, [9, "N"])
        sheet.write_row(5, 1, [8, "S"])

    table = tables.open(book(fill))
    (batch,) = table.batches()
    assert batch.column(tables.ROW).to_pylist() == [4, 5, 6]
    assert batch.column(tables.PROBLEM).to_pylist() == [None, "blank-row", None]


def test_formulas_count_by_their_stored_result_and_errors_are_refused():
    def fill(sheet, made):
        sheet.write_row(0, 0, ["score", "region"])
        for row, result in enumerate([9, "", "#DIV/0!", "#N/A"], start=1):
            sheet.write_formula(row, 0, "=A1", None, result)
            sheet.write(row, 1, "N")

    table = tables.open(book(fill))
    verdicts = [values.answer(cell).verdict for cell in column(table, "score")]
    assert verdicts == [Verdict.OK, Verdict.CELL_ERROR, Verdict.CELL_ERROR, Verdict.SKIPPED]


def test_the_first_filled_sheet_is_read_and_said_and_another_can_be_chosen():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        made.add_worksheet("Empty")
        for name, score in (("January", 9), ("February", 3)):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, ["score", "region"])
            sheet.write_row(1, 0, [score, "N"])
    table = tables.open(out.getvalue())
    assert table.sheet == "January"
    assert table.notes == ["Read the first sheet, “January”; there are also “February”."]
    assert column(tables.open(out.getvalue(), sheet="February"), "score") == ["3"]
    assert column(tables.open(out.getvalue(), sheet=3), "score") == ["3"]
    with pytest.raises(BadInput, match="There is no sheet “March”"):
        tables.open(out.getvalue(), sheet="March")


def test_a_workbook_renamed_csv_is_read_for_what_it_is(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(book(lambda sheet, made: sheet.write_column(0, 0, ["score", 9, 10])))
    assert column(tables.open(path), "score") == ["9", "10"]


def test_a_sheet_filled_to_the_limit_raises_the_suspicion(monkeypatch):
    monkeypatch.setattr(workbook, "ROW_LIMIT", 3)
    table = tables.open(book(lambda s, made: s.write_column(0, 0, ["score", 9, 10])))
    assert "filled to the last of its 3 rows" in table.notes[0]


@pytest.mark.slow
def test_a_sheet_at_the_real_limit_is_read_whole():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "score")
        for row in range(1, 1_048_576):
            sheet.write_number(row, 0, row % 11)
    table = tables.open(out.getvalue())
    assert sum(batch.num_rows for batch in table.batches()) == 1_048_575
    assert "filled to the last of its 1,048,576 rows" in table.notes[0]


def test_an_empty_workbook_is_refused():
    with pytest.raises(BadInput, match="visible sheets are all empty"):
        tables.open(book(lambda sheet, made: None))
