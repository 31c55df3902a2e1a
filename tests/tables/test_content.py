"""What a file is, is asked of its content: names lie."""

import io
import zipfile

import pytest

from promontory import tables
from promontory.errors import BadInput


def refused(path, data):
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        tables.open(path)
    return str(caught.value)


def test_a_zip_renamed_csv_is_refused_by_what_it_is(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("answers.csv", "score\n9\n")
    assert refused(tmp_path / "answers.csv", out.getvalue()) == (
        "answers.csv: The file is a ZIP archive, whatever its name says (with answers.csv)."
        " Unpack it and give the table inside."
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b"", "empty"),
        (b"PK\x03\x04 cut short", "cut short or damaged"),
        (b"PAR1 cut short", "cut short or damaged"),
        (bytes(range(256)) * 40 + b"\x00" * 4000, "not text"),
        (b"\n\n \n", "holds no rows"),
    ],
)
def test_what_cannot_be_a_table_is_refused_by_name(tmp_path, data, what):
    assert what in refused(tmp_path / "answers.csv", data)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BadInput, match="There is no file"):
        tables.open(tmp_path / "nothing.csv")
    with pytest.raises(BadInput, match="is a folder"):
        tables.open(tmp_path)


def test_an_upload_is_read_and_left_open():
    upload = io.BytesIO(b"score\n9\n")
    table = tables.open(upload, name="upload.csv")
    assert [b.column("score").to_pylist() for b in table.batches()] == [["9"]]
    assert [b.column("score").to_pylist() for b in table.batches()] == [["9"]]
    assert not upload.closed


def test_only_workbooks_have_sheets():
    with pytest.raises(BadInput, match="Only workbooks have sheets"):
        tables.open(b"score\n9\n", sheet="A")
