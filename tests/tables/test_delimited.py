"""Delimited text: every good row arrives with its own number, every broken one with its reason."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory import tables
from promontory.errors import BadInput
from promontory.tables import delimited
from promontory.tables.table import PROBLEM, RAW, ROW


def rows(table):
    """(row number, cells or None, problem) of every row."""
    found = []
    for batch in table.batches():
        for row in batch.to_pylist():
            cells = tuple(row[name] for name in table.columns)
            found.append((row[ROW], None if row[PROBLEM] else cells, row[PROBLEM]))
    return found


def good(table):
    return [(row, cells) for row, cells, problem in rows(table) if problem is None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(delimiter):
    table = tables.open(
        delimiter.join(["score", "region"]).encode() + b"\n9" + delimiter.encode() + b"N\n"
    )
    assert table.columns == ("score", "region")
    assert table.delimiter == delimiter
    assert good(table) == [(2, ("9", "N"))]


def test_reads_excels_sep_line():
    table = tables.open(b"sep=;\nscore;note\n9;a,b,c\n")
    assert table.columns == ("score", "note")
    assert good(table) == [(3, ("9", "a,b,c"))]


def test_a_ragged_row_costs_only_itself():
    table = tables.open(b"score,region\n9,N\n8\n7,S,x\n6,E\n")
    assert rows(table) == [
        (2, ("9", "N"), None), (3, None, "ragged"), (4, None, "ragged"), (5, ("6", "E"), None),
    ]  # fmt: skip


def test_a_broken_row_keeps_what_stood_there():
    table = tables.open(b"score,region\n9,N\n7,S,x\n")
    (batch,) = table.batches()
    assert batch.column(RAW).to_pylist() == [None, "7,S,x"]


def test_an_unclosed_quote_costs_one_row():
    table = tables.open(b'score,comment\n9,good\n3,"bad\n8,fine\n7,"also ""fine"""\n')
    assert rows(table) == [
        (2, ("9", "good"), None), (3, None, "unclosed-quote"), (4, ("8", "fine"), None),
        (5, ("7", 'also "fine"'), None),
    ]  # fmt: skip


def test_a_quote_that_never_closes_does_not_swallow_a_long_file():
    body = b"".join(b"%d,fine\n" % (n % 11) for n in range(200_000))
    found = rows(tables.open(b'score,comment\n3,"bad\n' + body))
    assert len(found) == 200_001
    assert [row for row, _, problem in found if problem] == [2]


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("promontory.tables.opening.LONGEST_LINE", 1 << 20)
    monkeypatch.setattr("promontory.tables.sources.raw_blocks", _blocks_of(1 << 19))
    table = tables.open(b"score,comment\n9,x\n" + b"8" * (3 << 20))
    with pytest.raises(BadInput, match="A line is longer than 1 MB"):
        list(table.batches())


def test_line_breaks_inside_quotes_are_one_row():
    table = tables.open(b'score,comment\n9,"one\n\ntwo\r\nthree"\n8,x\n')
    assert good(table) == [(2, ("9", "one\n\ntwo\r\nthree")), (3, ("8", "x"))]


def test_blank_lines_count_as_rows_and_are_told_apart():
    table = tables.open(b"score,region\n9,N\n\n8,S\n\n")
    assert rows(table) == [
        (2, ("9", "N"), None), (3, None, "blank-row"),
        (4, ("8", "S"), None), (5, None, "blank-row"),
    ]  # fmt: skip


def test_quotes_not_doubled_are_read_when_the_width_leaves_no_doubt():
    table = tables.open(b'score,comment,region\n9,"He said "hello" to me",N\n8,ok,S\n')
    assert [row for row, _ in good(table)] == [2, 3]
    assert table.notes[0].startswith("1 rows hold quotation marks that are not doubled")


def test_a_last_line_without_end_and_old_mac_lines_are_read():
    assert good(tables.open(b"score,r\n9,N\n8,S")) == [(2, ("9", "N")), (3, ("8", "S"))]
    assert good(tables.open(b"score,r\r9,N\r8,S\r")) == [(2, ("9", "N")), (3, ("8", "S"))]


def test_nul_and_control_characters_do_not_stop_the_file():
    table = tables.open(b"score,comment\n9\x00,a\n8,b\x00c\x1b[31m\n7,d\n")
    assert good(table) == [(2, ("9\x00", "a")), (3, ("8", "b\x00c\x1b[31m")), (4, ("7", "d"))]


def test_a_file_of_answers_without_a_header_loses_none():
    table = tables.open(b"9\n10\n3\n")
    assert good(table) == [(1, ("9",)), (2, ("10",)), (3, ("3",))]
    assert table.notes == ["The first row holds answers, not names; columns are called by number."]


def test_repeated_and_missing_names_are_told_apart():
    table = tables.open(b"score,,score\n9,a,8\n")
    assert table.columns == ("score", "column 2", "score (2)")


def test_only_the_columns_asked_for_are_read():
    table = tables.open(b"a,b,c\n1,2,x\n4,5,y\n")
    batches = list(table.batches(["c", "a"]))
    assert batches[0].schema.names == ["c", "a", ROW, PROBLEM, RAW]
    assert batches[0].column("c").to_pylist() == ["x", "y"]


def test_a_table_may_be_read_twice():
    table = tables.open(b"score\n9\n8\n")
    assert good(table) == good(table) == [(2, ("9",)), (3, ("8",))]


def test_row_numbers_run_through_blocks(monkeypatch):
    monkeypatch.setattr("promontory.tables.sources.raw_blocks", _blocks_of(257))
    lines = [f'{n % 11},"comment {n}\nmore"' if n % 3 else f"{n % 11}" for n in range(400)]
    table = tables.open(("score,comment\n" + "\n".join(lines) + "\n").encode())
    found = rows(table)
    assert [row for row, _, _ in found] == list(range(2, 402))
    assert [problem for _, _, problem in found] == [None if n % 3 else "ragged" for n in range(400)]


cells = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\ufeff\ue00d"), max_size=8
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([7, 64, 1 << 20]),
)
def test_whatever_is_written_comes_back(written, delimiter, end, block):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["score", "region", "comment"])
    writer.writerows(written)
    table = tables.open(out.getvalue().encode(), delimiter=delimiter, header=True, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("promontory.tables.sources.raw_blocks", _blocks_of(block))
        found = good(table)
    assert found == [(number, row) for number, row in enumerate(written, start=2)]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab,"\n\r1', max_size=60))
def test_the_fast_way_and_the_row_by_row_way_agree(text):
    data = ("x,y\n" + text).encode()
    fast = rows(tables.open(data, delimiter=",", header=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_well_formed", lambda *_: False)
        slow = rows(tables.open(data, delimiter=",", header=True))
    assert fast == slow


def _blocks_of(size):
    def blocks(stream):
        while block := stream.read(size):
            yield block

    return blocks
