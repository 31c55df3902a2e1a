"""The two gates: nobody can be found by subtraction, and nothing imprecise is ranked."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from promontory.errors import BadInput
from promontory.measurement import Tally, score
from promontory.measurement.gates import may_show, minimum_base, precision, protect

tables = st.one_of(
    st_np.arrays(np.int64, st.tuples(st.integers(1, 8)), elements=st.integers(0, 20)),
    st_np.arrays(
        np.int64, st.tuples(st.integers(2, 4), st.integers(2, 4)), elements=st.integers(0, 20)
    ),
    st_np.arrays(np.int64, (2, 3, 2), elements=st.integers(0, 25)),
)


def with_margins(table: np.ndarray) -> np.ndarray:
    for axis in range(table.ndim):
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return table


def equations(shape: tuple[int, ...]) -> np.ndarray:
    """Every line of the table: its parts less its margin are nothing."""
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    rows = []
    for axis in range(len(shape)):
        for line in np.moveaxis(numbers, axis, -1).reshape(-1, shape[axis]):
            row = np.zeros(numbers.size)
            row[line[:-1]], row[line[-1]] = 1.0, -1.0
            rows.append(row)
    return np.array(rows)


def solvable(full: np.ndarray, shown: np.ndarray) -> list[int]:
    """Return the withheld cells whose value follows from what is shown, by linear programming."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    matrix, hidden = equations(full.shape), np.flatnonzero(~shown.ravel())
    right = -matrix[:, shown.ravel()] @ full.ravel()[shown.ravel()]
    found = []
    for i in range(hidden.size):
        aim = np.zeros(hidden.size)
        aim[i] = 1.0
        least = linprog(aim, A_eq=matrix[:, hidden], b_eq=right, bounds=(0, 1e4)).fun
        most = -linprog(-aim, A_eq=matrix[:, hidden], b_eq=right, bounds=(0, 1e4)).fun
        if most - least < 1e-6:
            found.append(int(hidden[i]))
    return found


@settings(max_examples=60, deadline=None)
@given(tables, st.integers(2, 10))
def test_what_is_withheld_cannot_be_solved_from_what_is_shown(table, minimum):
    full, shown = with_margins(table), protect(table, minimum).shown
    people = full.ravel()
    assert not [c for c in solvable(full, shown) if people[c] > 0]


@settings(max_examples=150, deadline=None)
@given(tables, st.integers(2, 10))
def test_nothing_shown_rests_on_too_few_nor_does_any_line_give_a_sum_of_too_few(table, minimum):
    full, shown = with_margins(table), protect(table, minimum).shown
    assert np.all((full[shown] == 0) | (full[shown] >= minimum))
    for axis in range(full.ndim):
        people = np.moveaxis(full, axis, -1).reshape(-1, full.shape[axis])
        seen = np.moveaxis(shown, axis, -1).reshape(-1, full.shape[axis])
        for line, open_ in zip(people, seen, strict=True):
            if open_[-1]:
                rest = line[:-1][~open_[:-1]].sum()
                assert rest == 0 or rest >= minimum


@settings(max_examples=100, deadline=None)
@given(tables)
def test_where_everybody_is_many_nothing_is_withheld(table):
    assert protect(table + 20, 5).shown.all()
    assert protect(table, 1).shown.all()


def test_two_segments_cannot_be_told_apart_when_one_is_tiny():
    assert protect([100, 3], 5).shown.tolist() == [False, False, True]


def test_a_lone_small_total_is_withheld_whole():
    assert not protect([3], 5).shown.any()


def test_a_small_cell_is_protected_by_one_more_in_each_direction_and_no_more():
    table = [[3, 20, 40], [30, 22, 9], [15, 12, 11]]
    hidden = ~protect(table, 5).shown
    assert hidden.sum() == 4
    assert hidden[0, 0]
    assert hidden.sum(axis=0).tolist() in ([2, 2, 0, 0], [2, 0, 2, 0])


def test_newcomers_since_the_position_before_are_protected_too():
    before, now = np.array([40, 50, 60]), np.array([40, 52, 60])
    shown = protect(now, 5, before=before).shown
    assert not shown[1]
    # The total moved by the same two people: it cannot be shown anew either.
    assert not shown[-1]
    assert protect(np.array([40, 62, 60]), 5, before=before).shown.all()


def test_one_slice_its_complement_and_the_position_before():
    assert may_show(10, 100, 5)
    assert not may_show(4, 100, 5)
    assert not may_show(97, 100, 5)
    assert not may_show(10, 100, 5, before=8)
    assert may_show(10, 100, 5, before=10)
    assert may_show(0, 100, 5)
    with pytest.raises(BadInput):
        may_show(5, 4, 5)


def test_the_minimum_follows_the_promise_and_the_viewer():
    assert minimum_base("anonymous", may_read_answers=False) == 10
    assert minimum_base("confidential", may_read_answers=False) == 5
    assert minimum_base("identified", may_read_answers=False) == 1
    assert minimum_base("anonymous", may_read_answers=True) == 1
    with pytest.raises(BadInput):
        minimum_base("secret", may_read_answers=False)  # type: ignore[arg-type]


def test_tables_too_wide_or_too_deep_are_refused():
    with pytest.raises(BadInput):
        protect(np.zeros((2, 2, 2, 2)), 5)
    with pytest.raises(BadInput, match="coarser"):
        protect(np.ones((50, 50)), 5)
    with pytest.raises(BadInput, match="same shape"):
        protect([1, 2], 5, before=[1])


def test_exhaustively_no_small_table_leaks():
    # Every 2 × 2 table of up to 5 people a cell, against every table that fits what is shown.
    every = np.array(list(product(range(13), repeat=4))).reshape(-1, 2, 2)
    every = np.concatenate([every, every.sum(axis=1, keepdims=True)], axis=1)
    every = np.concatenate([every, every.sum(axis=2, keepdims=True)], axis=2)
    for cells in product(range(6), repeat=4):
        table = np.array(cells).reshape(2, 2)
        full, shown = with_margins(table), protect(table, 4).shown
        fits = every[(every[:, shown] == full[shown]).all(axis=1)]
        least, most = fits.min(axis=0), fits.max(axis=0)
        assert np.all((most > least)[~shown & (full > 0)]), table


def test_precision_greys_small_bases_and_wide_intervals():
    small = precision(score(Tally({9: 12, 3: 8})))
    assert (small.enough, small.reason) == (False, "Only 20 answers; 30 are needed.")
    wide = precision(score(Tally({9: 30, 3: 30})))
    assert not wide.enough
    assert "40 is the limit" in wide.reason
    assert precision(score(Tally({9: 300, 8: 300, 3: 200}))).enough
    assert precision(score(Tally())).reason == "No answers."
    assert precision(score(Tally({9: 30, 3: 30})), widest=60).enough
