"""A cell as an answer: one rule, for one cell and for a column."""

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.tables.values import (
    Scale,
    Verdict,
    answer,
    answers,
    read_scale,
    text,
    texts,
    weight,
)

OK = Verdict.OK


@pytest.mark.parametrize(
    ("cell", "verdict", "value"),
    [
        ("9", OK, 9), (" 9 ", OK, 9), ("09", OK, 9), ("+9", OK, 9), ("9.0", OK, 9), ("9,0", OK, 9),
        (9, OK, 9), (9.0, OK, 9), (np.int8(9), OK, 9), (decimal.Decimal("9"), OK, 9),
        ("٩", OK, 9), ("９", OK, 9), ("१०", OK, 10), ("\u200b9\ufeff", OK, 9), ("9\xa0", OK, 9),
        ("", Verdict.SKIPPED, None), (None, Verdict.SKIPPED, None), ("  ", Verdict.SKIPPED, None),
        (float("nan"), Verdict.SKIPPED, None), ("N/A", Verdict.SKIPPED, None),
        ("NA", Verdict.SKIPPED, None), ("-", Verdict.SKIPPED, None),
        ("null", Verdict.SKIPPED, None),
        ("Did not answer", Verdict.SKIPPED, None), ("non renseigné", Verdict.SKIPPED, None),
        ("keine Angabe", Verdict.SKIPPED, None), ("#N/A", Verdict.SKIPPED, None),
        ("ten", Verdict.NOT_A_NUMBER, None), ("9 points", Verdict.NOT_A_NUMBER, None),
        (True, Verdict.NOT_A_NUMBER, None), ("²", Verdict.NOT_A_NUMBER, None),
        (float("inf"), Verdict.NOT_A_NUMBER, None), ("1.000,5", Verdict.NOT_A_NUMBER, None),
        (datetime.date(2026, 10, 9), Verdict.NOT_A_NUMBER, None),
        (9.5, Verdict.FRACTION, None), ("9.5", Verdict.FRACTION, None),
        ("8,999999999999999999999", Verdict.FRACTION, None),
        (11, Verdict.OUT_OF_SCALE, None), (-1, Verdict.OUT_OF_SCALE, None),
        ("−1", Verdict.OUT_OF_SCALE, None), ("99", Verdict.OUT_OF_SCALE, None),
        ("1e99", Verdict.OUT_OF_SCALE, None),
        ("10/10", Verdict.RATIO, None), ("9 out of 10", Verdict.RATIO, None),
        ("9 sur 10", Verdict.RATIO, None), ("8:10", Verdict.RATIO, None),
        ("#DIV/0!", Verdict.CELL_ERROR, None), ("9\x00", Verdict.CONTROL, None),
    ],
)  # fmt: skip
def test_a_cell_gets_its_verdict(cell, verdict, value):
    assert (answer(cell).verdict, answer(cell).value) == (verdict, value)


def test_every_refusal_has_a_sentence_and_a_remedy():
    assert all(verdict.sentence for verdict in Verdict)
    assert all(verdict.remedy for verdict in Verdict if verdict.refused)
    assert len({verdict.code for verdict in Verdict}) == len(Verdict)


anything = st.one_of(
    st.none(), st.integers(-20, 20), st.floats(), st.text(max_size=6),
    st.sampled_from(["9", "10/10", "9.5", "N/A", "11"]),
)  # fmt: skip


@given(st.lists(anything, max_size=30))
def test_a_column_is_judged_as_its_cells_are(cells):
    as_text = [None if cell is None else str(cell) for cell in cells]
    judged = answers(pa.array(as_text, pa.string()))
    alone = [answer(cell) for cell in as_text]
    assert [Verdict.of(int(code)) for code in judged.verdict] == [one.verdict for one in alone]
    assert [int(v) for v in judged.value] == [one.value or 0 for one in alone]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([9, None, 11], pa.int8()),
        pa.array([9.0, None, 11.0]),
        pa.chunked_array([["9", None], ["11"]]),
        pa.array(["9", None, "11"]).dictionary_encode(),
        np.array([9, np.nan, 11]),
        [9, None, 11],
    ],
    ids=["int8", "float", "chunked", "dictionary", "numpy", "list"],
)
def test_columns_of_every_kind_are_judged(column):
    judged = answers(column)
    assert judged.value.tolist() == [9, 0, 0]
    assert judged.counts() == {OK: 1, Verdict.SKIPPED: 1, Verdict.OUT_OF_SCALE: 1}


def test_a_column_of_nothing_is_skipped():
    assert answers(pa.nulls(2)).counts() == {Verdict.SKIPPED: 2}
    assert answers([]).counts() == {}


def test_the_declared_scale_decides():
    assert answer(0, Scale(1, 10)).verdict is Verdict.OUT_OF_SCALE
    assert answer(7, Scale.parse("1–7")).value == 7
    with pytest.raises(ValueError, match="is not a scale"):
        Scale.parse("ten")


def test_weights_are_numbers_of_zero_or_more():
    assert weight("1,5") == (1.5, OK)
    assert [weight(cell)[1] for cell in (0, -1, "", "x", float("inf"))] == [
        OK, *[Verdict.MISSING_WEIGHT] * 4
    ]  # fmt: skip


def test_a_large_file_without_any_zero_raises_the_question():
    reading = read_scale(dict.fromkeys(range(1, 11), 60))
    assert reading.question == "None of the 600 answers is 0. Was the scale 1–10 rather than 0–10?"
    assert reading.choices == (Scale(0, 10), Scale(1, 10))


@pytest.mark.parametrize(
    "counts",
    [dict.fromkeys(range(11), 60), dict.fromkeys(range(1, 11), 20), {9: 1, 10: 1}, {3: 5}],
    ids=["one zero", "too few to miss zero", "two answers", "five answers"],
)
def test_what_fits_zero_to_ten_is_not_questioned(counts):
    reading = read_scale(counts)
    assert (reading.scale, reading.question) == (Scale(0, 10), "")


def test_answers_up_to_five_or_a_hundred_are_asked_about_and_not_taken():
    five = read_scale({str(value): 100 for value in range(1, 6)})
    assert five.scale is None
    assert five.choices[0] == Scale(1, 5)
    hundred = read_scale(dict.fromkeys(range(0, 101, 5), 10))
    assert hundred.scale is None
    assert hundred.question == "The answers run from 0 to 100. Which scale was asked?"


def test_texts_lose_their_control_characters_and_nothing_else():
    assert text(" a\x00b\x1b[31m\tc\n ") == "ab[31m\tc"
    assert texts(["ok ", "a\x00b", "\x00", "", None, "é\x85"]).to_pylist() == [
        "ok", "ab", None, None, None, "é"
    ]  # fmt: skip
