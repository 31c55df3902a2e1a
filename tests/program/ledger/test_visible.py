"""An import becomes visible whole at its end; everything else where it stands."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promontory.program.ledger import actions as ledger
from promontory.program.ledger import queries
from tests.program.ledger.helpers import answer, put

K = ledger.Kind


def close(batch: int, kind: ledger.Kind = K.IMPORT_CLOSED) -> ledger.NewEntry:
    return ledger.NewEntry(kind, f"import:{batch}", {}, batch=batch)


@pytest.mark.django_db
def test_an_import_is_seen_at_the_position_of_its_closing_entry():
    put(answer(1), answer(2, batch=7), answer(3, batch=8), answer(4), answer(5, batch=7))
    put(close(7), answer(6), close(8, K.IMPORT_CANCELLED))
    seen = [
        (row.position, json.loads(row.kept).get("score"))
        for part in queries.visible_entries(0, 8)
        for row in part
    ]
    assert seen == [(1, 1), (4, 4), (6, 2), (6, 5), (6, None), (7, 6)]


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batches=st.lists(st.none() | st.integers(1, 3), min_size=1, max_size=30),
    closed=st.lists(st.integers(1, 3), unique=True),
    cuts=st.lists(st.integers(0, 33), max_size=3),
    size=st.integers(1, 7),
)
def test_read_in_any_slices_nothing_is_missed_and_nothing_comes_twice(batches, closed, cuts, size):
    start = queries.head().position
    offset = start * 10  # batches of their own for each example
    ids = put(*[answer(0, batch=None if b is None else b + offset) for b in batches])
    put(answer(1), *[close(b + offset) for b in closed])
    end = queries.head().position
    edges = sorted({start, end, *(min(start + cut, end) for cut in cuts)})
    seen = [
        row
        for low, high in pairwise(edges)
        for part in queries.visible_entries(low, high, size=size)
        for row in part
    ]
    wanted = {id for id, b in zip(ids, batches, strict=True) if b is None or b in closed}
    assert sorted(row.id for row in seen if row.id in set(ids)) == sorted(wanted)
    assert [row.position for row in seen] == sorted(row.position for row in seen)
    assert len({row.id for row in seen}) == len(seen) == len(wanted) + 1 + len(closed)
