"""Workbooks that are far larger than they look: refused, before any room is made for them."""

import io
import zipfile

import pytest
import xlsxwriter

from promontory import tables
from promontory.errors import BadInput
from promontory.tables import extent


def sheet_with(*cells):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for row, column, value in ((0, 0, "score"), (1, 0, 9), *cells):
            sheet.write(row, column, value)
    return out.getvalue()


def with_sheet(data, change):
    """Return the workbook with the text of its sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            content = old.read(part)
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, change(content) if is_sheet else content)
    return out.getvalue()


def test_a_cell_in_the_last_corner_is_refused_with_what_to_do():
    with pytest.raises(BadInput, match="Delete the rows and columns beyond the data"):
        tables.open(sheet_with((1_048_575, 16_383, 9)))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'r="XFD1048576"', b"r='XFD1048576'"),
        lambda text: text.replace(b'<c r="XFD1048576"', b"<c/>" * 16_383 + b"<c"),
    ],
)
def test_however_the_corner_is_written(change):
    data = with_sheet(sheet_with((1_048_575, 16_383, 9)), change)
    with pytest.raises(BadInput, match="reaches further"):
        tables.open(data)


def test_wide_or_tall_is_no_fault():
    assert len(tables.open(sheet_with((1, 16_383, 9))).columns) == 16_384
    assert tables.open(sheet_with((99_999, 0, 9))).rows_hint == 99_999


def test_a_coloured_corner_is_not_data():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write_column(0, 0, ["score", 9])
        sheet.write_blank(1_048_575, 16_383, None, made.add_format({"bg_color": "red"}))
    assert tables.open(out.getvalue()).columns == ("score",)


def test_a_place_without_a_name_follows_the_one_before():
    data = with_sheet(
        sheet_with(), lambda text: text.replace(b' r="A2"', b"").replace(b' r="A1"', b"")
    )
    assert tables.open(data).columns == ("score",)


def test_what_unpacks_to_far_more_than_it_holds_is_refused(monkeypatch):
    monkeypatch.setattr(extent, "_UNSUSPECTED", 1 << 20)
    data = with_sheet(sheet_with(), lambda text: text + b" " * (2 << 20))
    with pytest.raises(BadInput, match="unpacks to"):
        tables.open(data)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (("xl/workbook.bin",), "binary Excel workbook"),
        (("mimetype", "content.xml"), "OpenDocument"),
    ],
)
def test_workbooks_that_cannot_be_measured_first_are_refused(
    inside: tuple[str, ...], words: str
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in inside:
            archive.writestr(name, "x")
    with pytest.raises(BadInput, match=words):
        tables.open(packed.getvalue(), name="answers.xlsx")


def test_an_old_workbook_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadInput, match="Save it as XLSX or CSV"):
        tables.open(b"\xd0\xcf\x11\xe0" + bytes(600), name="answers.xls")
