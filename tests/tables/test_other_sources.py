"""JSON lines, Parquet, Arrow, frames, arrays and iterables: one kind of table for all."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from promontory import tables
from promontory.errors import BadInput


def content(table):
    found = []
    for batch in table.batches():
        for row in batch.to_pylist():
            found.append((row[tables.ROW], *(row[name] for name in table.columns)))
    return found


def test_json_lines_flatten_and_a_broken_line_costs_itself():
    data = b'{"score": 9, "who": {"region": "N"}}\nbroken\n\n{"score": 9.10, "tags": ["a"]}\n'
    table = tables.open(data)
    assert table.columns == ("score", "who.region", "tags")
    (batch,) = table.batches()
    assert batch.column("score").to_pylist() == ["9", None, None, "9.10"]
    assert batch.column(tables.PROBLEM).to_pylist() == [None, "not-json", "blank-row", None]
    assert batch.column(tables.RAW).to_pylist() == [None, "broken", "", None]


def test_a_json_array_is_read_and_a_broken_one_refused():
    assert content(tables.open(b'[{"score": 9}, {"score": null}]')) == [(1, "9"), (2, None)]
    with pytest.raises(BadInput, match="not valid JSON"):
        tables.open(b'[{"score": 9}, ')


def test_parquet_keeps_its_types_and_counts_rows_from_one(tmp_path):
    path = tmp_path / "answers.parquet"
    pq.write_table(pa.table({"score": pa.array([9, None], pa.int8()), "r": ["N", "S"]}), path)
    table = tables.open(path)
    assert table.rows_hint == 2
    assert content(table) == [(1, 9, "N"), (2, None, "S")]


def test_an_arrow_file_is_read(tmp_path):
    path = tmp_path / "answers.arrow"
    data = pa.table({"score": [9, 3]})
    with pa.ipc.new_file(str(path), data.schema) as writer:
        writer.write_table(data)
    assert content(tables.open(path)) == [(1, 9), (2, 3)]


@pytest.mark.parametrize(
    "data",
    [
        [9, 3],
        (9, 3),
        iter([9, 3]),
        {"x": [9, 3]},
        [{"x": 9}, {"x": 3}],
        np.array([9, 3]),
        np.array([[9], [3]]),
        np.array([(9,), (3,)], dtype=[("x", "i8")]),
        pd.DataFrame({"x": [9, 3]}),
        pd.Series([9, 3]),
        pl.DataFrame({"x": [9, 3]}),
        pl.LazyFrame({"x": [9, 3]}),
        pl.Series([9, 3]),
        pa.table({"x": [9, 3]}),
        pa.RecordBatch.from_pydict({"x": [9, 3]}),
        pa.array([9, 3]),
        pa.chunked_array([[9], [3]]),
    ],
    ids=lambda data: type(data).__module__.split(".")[0] + "." + type(data).__name__,
)
def test_whatever_holds_the_same_answers_gives_the_same_table(data):
    assert content(tables.open(data)) == [(1, 9), (2, 3)]


def test_a_long_iterable_is_read_in_batches_and_again():
    table = tables.open(n % 11 for n in range(150_000))
    assert sum(batch.num_rows for batch in table.batches()) == 150_000
    assert sum(batch.num_rows for batch in table.batches()) == 150_000


def test_mixed_cells_keep_their_words():
    assert content(tables.open([9, "ten", None, 9.5])) == [
        (1, "9"),
        (2, "ten"),
        (3, None),
        (4, "9.5"),
    ]


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(BadInput, match="a has 2, b has 1"):
        tables.open({"a": [1, 2], "b": [1]})


def test_what_holds_no_answers_is_refused():
    with pytest.raises(BadInput, match="A int is neither a file"):
        tables.open(7)
