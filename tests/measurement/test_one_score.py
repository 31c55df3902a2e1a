"""One score: the value is raw, the interval holds it, an empty base has none."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import (
    CSAT,
    METHODS,
    NPS,
    Tally,
    group_shares,
    metrics,
    score,
    score_many,
    share,
)

counts = st.lists(st.integers(0, 400), min_size=11, max_size=11)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def of(row: list[int]) -> Tally:
    return Tally(dict(enumerate(row)))


def test_rocks_interval_by_hand():
    # 30 detractors, 30 passives, 40 promoters; t(102) at 97.5 % is 1.98350.
    d, p, s, n = 30.75, 31.5, 40.75, 103
    centre = (s - d) / n
    se = sqrt((s + d) / n - centre**2) / sqrt(n)
    estimate = score(Tally({0: 30, 7: 30, 9: 40}))
    assert p / n == pytest.approx(1 - (s + d) / n)
    assert estimate.value == pytest.approx(10)
    assert estimate.low == pytest.approx(100 * (centre - 1.9834953 * se), abs=1e-4)
    assert estimate.high == pytest.approx(100 * (centre + 1.9834953 * se), abs=1e-4)
    assert estimate.text() == "10.0 (−6.5 to 25.9), n = 100"


def test_an_empty_base_has_no_score():
    for method in METHODS:
        estimate = score(Tally(), method=method)
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
        assert estimate.base == 0
        assert str(estimate) == "no answers"


@given(counts, levels, st.sampled_from(METHODS))
def test_the_interval_holds_the_value_and_stays_on_the_scale(row, level, method):
    estimate = score(of(row), level=level, method=method)
    if estimate.value is not None:
        assert -100 <= estimate.low <= estimate.value <= estimate.high <= 100


@given(counts, st.integers(2, 50))
def test_more_of_the_same_answers_narrow_the_interval(row, times):
    few, many = score(of(row)), score(of([c * times for c in row]))
    if few.width is not None:
        assert many.width <= few.width + 1e-9


@given(counts)
def test_a_higher_level_is_never_narrower(row):
    low, high = score(of(row), level=0.8), score(of(row), level=0.99)
    if low.width is not None:
        assert low.width <= high.width + 1e-9


@given(counts)
def test_a_promoter_in_place_of_a_detractor_raises_the_score(row):
    row = [*row[:10], row[10] + 1]
    better = [max(row[0] - 1, 0), *row[1:10], row[10] + min(row[0], 1)]
    assert score(of(better)).value >= score(of(row)).value


@given(counts)
def test_turning_the_scale_round_turns_the_interval_round(row):
    d, p, s = sum(row[:7]), sum(row[7:9]), sum(row[9:])
    one, other = score(Tally({0: d, 7: p, 9: s})), score(Tally({0: s, 7: p, 9: d}))
    if one.value is not None:
        assert one.low == pytest.approx(-other.high, abs=1e-9)


@given(st.lists(counts, min_size=1, max_size=6), st.sampled_from(METHODS))
def test_many_cells_at_once_are_each_cell_alone(rows, method):
    many = score_many(rows, NPS, method=method)
    for i, row in enumerate(rows):
        alone = score(of(row), method=method)
        assert many[i].base == alone.base
        for figure in ("value", "low", "high", "se", "effective_base"):
            here, there = getattr(many[i], figure), getattr(alone, figure)
            assert here == (there if there is None else pytest.approx(there, rel=1e-9, abs=1e-9))


def test_the_score_interval_of_a_share_is_wilsons():
    # Newcombe (1998), table I: 81 of 263, score method: 0.2553 to 0.3662.
    estimate = score(Tally({1: 182, 5: 81}), CSAT, method="score")
    assert estimate.low == pytest.approx(25.53, abs=0.005)
    assert estimate.high == pytest.approx(36.62, abs=0.005)


def test_the_score_interval_of_a_net_score_is_tangos():
    # Tango (1998), crossover trial of soft contact lenses: 44 pairs, b = 0, c = 1:
    # the difference (b − c)/n has the interval −0.118 to 0.059.
    estimate = score(Tally({0: 1, 7: 43}), method="score")
    assert estimate.value == pytest.approx(-100 / 44)
    assert estimate.low == pytest.approx(-11.8, abs=0.05)
    assert estimate.high == pytest.approx(5.9, abs=0.05)


def test_the_score_interval_is_refused_for_means():
    with pytest.raises(BadInput, match="two or three"):
        score(Tally({7: 3}), "ces", method="score")


def test_an_unknown_method_is_refused():
    with pytest.raises(BadInput, match="rocks-t"):
        score(Tally({9: 3}), method="wald")


def test_a_population_narrows_the_interval_only_on_request_and_says_what_it_assumes():
    tally = Tally({0: 30, 7: 30, 9: 40})
    plain, finite = score(tally), score(tally, population=200)
    assert plain.notes == ()
    assert "random sample of the population of 200" in finite.notes[0]
    assert finite.width == pytest.approx(plain.width * sqrt(0.5), rel=1e-9)


def test_when_everybody_answered_nothing_is_uncertain():
    tally = Tally({0: 30, 7: 30, 9: 40})
    census = score(tally, population=100)
    assert census.low == pytest.approx(10)
    assert census.high == pytest.approx(10)
    with pytest.raises(BadInput, match="more respondents"):
        score(tally, population=99)


def test_shares_of_the_groups_add_up_and_have_intervals():
    shares = group_shares(Tally({0: 30, 7: 30, 9: 40}))
    assert {key: e.value for key, e in shares.items()} == pytest.approx(
        {"detractor": 30, "passive": 30, "promoter": 40}
    )
    assert all(e.low < e.value < e.high for e in shares.values())
    with pytest.raises(BadInput):
        share(Tally({9: 1}), [11])


def test_thousands_of_cells_take_milliseconds():
    import time

    rng = np.random.default_rng(1)
    rows = rng.integers(0, 300, size=(5760, 11))
    score_many(rows)
    started = time.process_time()
    score_many(rows)
    assert time.process_time() - started < 0.05


def test_wrong_shapes_are_refused():
    with pytest.raises(BadInput, match="11 answers"):
        score_many([[1, 2, 3]])
    with pytest.raises(BadInput, match="negative"):
        score_many([[-1] + [0] * 10])
    assert len(score_many(np.empty((0, 11)))) == 0
    assert metrics.get(NPS) is NPS
