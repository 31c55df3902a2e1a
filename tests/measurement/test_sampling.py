"""Sample sizes are those at which the later interval or test keeps its promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import CSAT, Tally, difference, score
from promontory.measurement.sampling import (
    allocate,
    answers_for_change,
    answers_for_width,
    smallest_detectable_change,
)


@pytest.mark.parametrize("half_width", [2, 5, 10, 20])
def test_the_answers_asked_for_bring_the_width_and_one_fewer_would_not(half_width):
    n = answers_for_width(half_width).answers
    n += n % 2
    widest = score(Tally({0: n // 2, 10: n // 2}))
    assert widest.width / 2 <= half_width
    n -= 4
    narrow = score(Tally({0: n // 2, 10: n // 2}))
    assert narrow.width / 2 > half_width * 0.999


def test_expected_answers_need_fewer_than_the_worst_case():
    worst = answers_for_width(5)
    expected = answers_for_width(5, expected=Tally({9: 60, 8: 30, 3: 10}))
    assert expected.answers < worst.answers
    assert "widest spread" in worst.assumptions[0]
    assert worst.sentence() == "1,535 answers give an interval of ±5 points at worst."


def test_a_small_population_needs_fewer_and_says_what_that_takes():
    found = answers_for_width(5, population=1000)
    assert found.answers < 650
    assert "random sample of the 1,000" in found.assumptions[-1]
    assert answers_for_width(0.1, population=10).answers <= 10


def test_design_effect_and_response_rate():
    plain = answers_for_width(5)
    assert answers_for_width(5, design_effect=2).answers == pytest.approx(2 * plain.answers, abs=2)
    assert answers_for_width(5, response_rate=0.1).invitations == 10 * plain.answers


def test_the_planned_change_is_found_as_often_as_promised():
    mix, moved = [0.3, 0.3, 0.4], [0.3 - 0.06, 0.3, 0.4 + 0.06]
    expected = Tally({3: 300, 8: 300, 10: 400})
    n = answers_for_change(12, expected=expected).answers
    rng = np.random.default_rng(21)
    a, b = rng.multinomial(n, mix, 2500), rng.multinomial(n, moved, 2500)

    def of(row: list[int]) -> Tally:
        return Tally(dict(zip((3, 8, 10), row, strict=True)))

    hits = [
        difference(of(x), of(y)).significant for x, y in zip(a.tolist(), b.tolist(), strict=True)
    ]
    assert np.mean(hits) == pytest.approx(0.8, abs=0.03)


def test_planning_and_judging_use_one_formula():
    tally = Tally({0: 500, 10: 500})
    judged = difference(tally, tally).smallest_detectable
    assert smallest_detectable_change(1000, 1000) == pytest.approx(judged, rel=1e-9)
    shares = Tally({1: 500, 5: 500})
    judged = difference(shares, shares, CSAT).smallest_detectable
    assert smallest_detectable_change(1000, 1000, CSAT) == pytest.approx(judged, rel=1e-9)


def test_what_was_planned_for_is_what_can_be_detected():
    n = answers_for_change(6).answers
    assert smallest_detectable_change(n, n) <= 6 < smallest_detectable_change(n - 1, n - 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_width": 0},
        {"half_width": -1},
        {"half_width": 5, "level": 1.5},
        {"half_width": 5, "design_effect": 0.5},
        {"half_width": 5, "response_rate": 0},
        {"half_width": 5, "population": 0},
        {"half_width": 5, "expected": Tally()},
        {"half_width": 1e-9},
    ],
)
def test_senseless_plans_are_refused(wrong):
    with pytest.raises(BadInput):
        answers_for_width(**wrong)


def test_neyman_asks_more_where_answers_differ_more():
    sizes = {"a": 5000, "b": 5000}
    assert allocate(300, sizes, "neyman", spreads={"a": 20, "b": 40}) == {"a": 100, "b": 200}
    assert allocate(300, sizes, "proportional") == {"a": 150, "b": 150}
    assert allocate(300, {"a": 100, "b": 9900}, "equal") == {"a": 100, "b": 200}


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 500), min_size=1, max_size=8),
    st.sampled_from(["proportional", "neyman", "equal"]),
    st.floats(0, 1),
    st.integers(0, 10),
)
def test_an_allocation_adds_up_and_no_stratum_is_asked_for_more_than_it_has(
    sizes, rule, share, minimum
):
    floor = sum(min(size, minimum) for size in sizes.values())
    answers = max(int(share * sum(sizes.values())), floor)
    spreads = {name: float(i) for i, name in enumerate(sizes)}
    found = allocate(answers, sizes, rule, spreads=spreads, minimum=minimum)
    assert sum(found.values()) == answers
    assert all(min(minimum, sizes[n]) <= k <= sizes[n] for n, k in found.items())


def test_impossible_allocations_are_refused():
    with pytest.raises(BadInput):
        allocate(11, {"a": 10})
    with pytest.raises(BadInput, match="minimum"):
        allocate(5, {"a": 10, "b": 10}, minimum=4)
    with pytest.raises(BadInput, match="spread"):
        allocate(5, {"a": 10}, "neyman")
