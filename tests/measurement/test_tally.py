"""Tallies add up exactly, and refuse what is not a count of answers."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import NPS, ClusterTally, Tally, score

answers = st.integers(0, 10)
weighted = st.lists(st.tuples(answers, st.integers(1, 10**6)), max_size=60)


def tally_of(rows: list[tuple[int, int]]) -> Tally:
    n: dict[int, int] = {}
    w: dict[int, int] = {}
    w2: dict[int, int] = {}
    for answer, weight in rows:
        n[answer] = n.get(answer, 0) + 1
        w[answer] = w.get(answer, 0) + weight
        w2[answer] = w2.get(answer, 0) + weight**2
    return Tally(n, w, w2)


@given(weighted, weighted)
def test_counting_apart_and_adding_is_counting_together(a, b):
    assert tally_of(a) + tally_of(b) == tally_of(a + b)


@given(weighted, weighted)
def test_subtracting_undoes_adding(a, b):
    assert tally_of(a + b) - tally_of(b) == tally_of(a)


@given(st.lists(answers, min_size=1, max_size=40), st.randoms())
def test_the_order_of_answers_does_not_matter(values, random):
    shuffled = random.sample(values, len(values))
    assert Tally.of(values) == Tally.of(shuffled)
    assert score(Tally.of(values)) == score(Tally.of(shuffled))


def test_a_month_is_the_sum_of_its_days():
    days = [Tally({9: 3}), Tally({2: 1}), Tally()]
    assert sum(days, Tally()) == Tally({2: 1, 9: 3})
    assert sum(days) == Tally({2: 1, 9: 3})


def test_whole_weights_stay_whole_so_that_sums_are_exact():
    big = Tally({9: 1}, {9: 2**60 + 1}, {9: (2**60 + 1) ** 2})
    assert (big + big).w2[9] == 2 * (2**60 + 1) ** 2


def test_a_tally_survives_being_sent_to_another_process():
    tally = Tally.of([9, 9, 3], [1.5, 2.0, 0.5])
    assert pickle.loads(pickle.dumps(tally)) == tally
    assert pickle.loads(pickle.dumps(score(tally))) == score(tally)


def test_kish_effective_base():
    assert Tally.of([9, 9, 3], [1, 1, 2]).effective_base == pytest.approx(16 / 6)


@pytest.mark.parametrize("bad", [[9.5], [float("nan")], ["10/10"], [[1, 2]], [None]])
def test_what_is_not_a_whole_number_is_refused_not_rounded(bad):
    with pytest.raises(BadInput):
        Tally.of(bad)


@pytest.mark.parametrize("weights", [[0.0], [-1.0], [float("inf")], [float("nan")], [1.0, 1.0]])
def test_weights_must_be_above_zero_and_as_many_as_answers(weights):
    with pytest.raises(BadInput):
        Tally.of([9], weights)


def test_more_cannot_be_taken_away_than_was_there():
    with pytest.raises(BadInput):
        Tally({9: 1}) - Tally({9: 2})


def test_answers_off_the_scale_are_refused_by_name():
    with pytest.raises(BadInput, match="11 is not on the scale 0–10"):
        score(Tally({11: 1}))
    with pytest.raises(BadInput, match="-1"):
        score(Tally({-1: 1}))


def test_a_cluster_tally_merges_equal_clusters():
    clusters = ClusterTally.of([9, 2, 9, 2, 8], ["a", "a", "b", "b", "c"], NPS)
    assert clusters.clusters == 3
    assert sorted(zip(clusters.T, clusters.W, clusters.count, strict=True)) == [
        (0, 1, 1),
        (0, 2, 2),
    ]


def test_a_cluster_tally_refuses_answers_off_the_scale_and_lost_names():
    with pytest.raises(BadInput):
        ClusterTally.of([12], ["a"])
    with pytest.raises(BadInput):
        ClusterTally.of([9, 9], ["a"])
    with pytest.raises(BadInput):
        ClusterTally([100], [0], [1])
