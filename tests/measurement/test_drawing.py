"""Samples are reproducible, their probabilities known, their weighted totals unbiased."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from promontory.errors import BadInput
from promontory.measurement.sampling import allocate, draw, priorities, thinned


def everybody(n: int) -> np.ndarray:
    return np.ones(n, dtype=bool)


def test_the_same_seed_draws_the_same_people_in_whatever_order_they_come() -> None:
    ids = np.arange(1, 5_001)
    strata, wanted = ids % 3, np.array([100, 7, 0])
    first = draw(strata, wanted, priorities(ids, 42), ids, everybody(5_000))
    shuffled = np.random.default_rng(1).permutation(ids)
    second = draw(shuffled % 3, wanted, priorities(shuffled, 42), shuffled, everybody(5_000))
    assert set(ids[first.drawn]) == set(shuffled[second.drawn])
    other = draw(strata, wanted, priorities(ids, 43), ids, everybody(5_000))
    assert set(ids[first.drawn]) != set(ids[other.drawn])


def test_the_random_numbers_are_those_written_down() -> None:
    # Kept for ever: a wave drawn years ago can be drawn again on any engine.
    assert [hex(n) for n in priorities(np.array([1, 2, 10_000_000]), 7)] == [
        hex(n) for n in (_by_hand(1, 7), _by_hand(2, 7), _by_hand(10_000_000, 7))
    ]


def _by_hand(identity: int, seed: int) -> int:
    golden, limit = 0x9E3779B97F4A7C15, 2**64

    def mixed(z: int) -> int:
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % limit
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % limit
        return z ^ (z >> 31)

    return mixed(mixed((identity + golden) % limit) ^ mixed((seed + golden) % limit))


def test_the_random_numbers_are_even_and_phases_are_independent() -> None:
    ids = np.arange(1, 200_001)
    a, b = priorities(ids, 5) / 2.0**64, priorities(ids, 5, phase=1) / 2.0**64
    assert stats.kstest(a, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.01
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.01


def test_each_stratum_gives_what_is_wanted_and_no_more_than_it_holds() -> None:
    ids = np.arange(1, 101)
    strata = np.where(ids <= 10, 0, 1)
    made = draw(strata, np.array([50, 9]), priorities(ids, 3), ids, ids != 5)
    assert np.count_nonzero(made.drawn[:10]) == 9
    assert not made.drawn[4]
    assert np.count_nonzero(made.drawn[10:]) == 9
    assert made.probability.tolist() == [1.0, 0.1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 4), min_size=1, max_size=40), st.integers(0, 3), st.integers())
def test_thinning_leaves_at_most_the_room(groups: list[int], room: int, seed: int) -> None:
    of = np.array(groups)
    ids = np.arange(len(of))
    phase = thinned(of, np.full(5, room), priorities(ids, seed), everybody(len(of)))
    counts = np.bincount(of[phase.kept & (of >= 0)], minlength=5)
    before = np.bincount(of[of >= 0], minlength=5)
    assert counts.tolist() == np.minimum(before, room).tolist()
    assert phase.kept[of < 0].all()
    # Those kept stand for all of their group.
    for group in range(5):
        mine = phase.kept & (of == group)
        if room and before[group]:
            assert np.isclose(phase.factor[mine].sum(), before[group])


def test_weighted_totals_are_unbiased_under_caps_and_strata() -> None:
    """Horvitz-Thompson by simulation: unlike accounts lie across strata of unlike rates."""
    rng = np.random.default_rng(20261122)
    people = 600
    ids = np.arange(1, people + 1)
    accounts = rng.integers(-1, 60, people)
    strata = rng.integers(0, 3, people)
    # What is measured goes with the size of the account, so that a naive weight is biased.
    sizes = np.bincount(accounts[accounts >= 0], minlength=60)
    value = np.where(accounts >= 0, sizes[accounts], 1.0) + 5.0 * strata
    room = np.full(60, 3)
    totals, naive = [], []
    for seed in range(3_000):
        phase = thinned(accounts, room, priorities(ids, seed), everybody(people))
        left = np.bincount(strata[phase.kept], minlength=3)
        wanted = np.maximum(1, np.array([left[0] // 2, left[1] // 5, left[2] // 10]))
        made = draw(strata, wanted, priorities(ids, seed, 2), ids, phase.kept)
        weight = phase.factor[made.drawn] / made.probability[strata[made.drawn]]
        totals.append(float(weight @ value[made.drawn]))
        naive.append(float((1 / made.probability[strata[made.drawn]]) @ value[made.drawn]))
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - value.sum()) < 4 * error
    assert abs(np.mean(naive) - value.sum()) > 20 * error


def test_each_person_is_drawn_as_often_as_their_probability_says() -> None:
    ids, seeds = np.arange(1, 21), 4_000
    hits = np.zeros(20)
    strata = np.where(ids <= 5, 0, 1)
    for seed in range(seeds):
        hits += draw(strata, np.array([1, 6]), priorities(ids, seed), ids, everybody(20)).drawn
    expected = np.where(strata == 0, 0.2, 0.4)
    spread = np.sqrt(seeds * expected * (1 - expected))
    assert np.abs(hits - seeds * expected).max() < 4.5 * spread.max()


def test_fewer_than_nobody_is_refused() -> None:
    ids = np.arange(3)
    with pytest.raises(BadInput, match="fewer than nobody"):
        draw(ids * 0, np.array([-1]), priorities(ids, 1), ids, everybody(3))


def test_equal_power_gives_every_stratum_the_same_standard_error() -> None:
    spreads = {"a": 40.0, "b": 80.0, "c": 60.0}
    made = allocate(11_600, dict.fromkeys(spreads, 100_000), "equal_power", spreads=spreads)
    errors = [spreads[name] / made[name] ** 0.5 for name in spreads]
    assert errors == pytest.approx([1.0] * 3, rel=1e-3) or max(errors) / min(errors) < 1.001
