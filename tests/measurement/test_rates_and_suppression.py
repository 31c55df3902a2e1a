"""Response rates and the bounds of what holding back does, against figures made elsewhere."""

from __future__ import annotations

import pytest
from scipy import stats

from promontory.errors import BadInput
from promontory.measurement import Tally
from promontory.measurement.sampling import (
    answers_for_width,
    expected_half_width,
    response_rate,
    suppression_bounds,
)


@pytest.mark.parametrize(("answered", "asked"), [(0, 10), (3, 10), (10, 10), (214, 1_977)])
def test_the_interval_is_wilsons(answered: int, asked: int) -> None:
    theirs = stats.binomtest(answered, asked).proportion_ci(method="wilson")
    ours = response_rate(answered, asked)
    assert ours.value == answered / asked
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nobody_asked_is_no_rate_and_not_zero() -> None:
    assert response_rate(0, 0).value is None
    with pytest.raises(BadInput, match="cannot have answered"):
        response_rate(3, 2)


def test_the_bounds_are_what_the_score_would_be_with_those_held_back() -> None:
    # 6 promoters, 2 passives, 2 detractors: 40. One in five is held back.
    tally = Tally({10: 6, 8: 2, 0: 2})
    bounds = suppression_bounds(tally, held=25, asked=100)
    assert bounds.share == 0.2
    assert bounds.score == pytest.approx(40)
    assert bounds.worst == pytest.approx(Tally_score({10: 48, 8: 16, 0: 16 + 20}))
    assert bounds.best == pytest.approx(Tally_score({10: 48 + 20, 8: 16, 0: 16}))
    # One standard deviation of points: √(60·(100−40)² + 20·40² + 20·140²)/100 = 80.
    assert bounds.gap == pytest.approx(80)
    assert bounds.plausible == pytest.approx(0.8 * 40 + 0.2 * -40)


def Tally_score(n: dict[int, int]) -> float:
    total = sum(n.values())
    return (
        100
        * (sum(c for a, c in n.items() if a >= 9) - sum(c for a, c in n.items() if a <= 6))
        / total
    )


def test_nobody_held_back_leaves_the_score_as_it_is() -> None:
    bounds = suppression_bounds(Tally({10: 3, 0: 1}), held=0, asked=50)
    assert bounds.worst == bounds.best == bounds.score == 50


def test_without_answers_there_is_a_share_and_no_bound() -> None:
    bounds = suppression_bounds(Tally({}), held=1, asked=3)
    assert (bounds.share, bounds.score, bounds.worst) == (0.25, None, None)


def test_the_plausible_bound_never_leaves_the_scale() -> None:
    bounds = suppression_bounds(Tally({0: 9, 10: 1}), held=10, asked=10, gap=150)
    assert bounds.plausible == bounds.worst == pytest.approx(-90)


@pytest.mark.parametrize("population", [None, 3_000])
def test_the_answers_for_a_width_reach_just_that_far(population: int | None) -> None:
    needed = answers_for_width(5, population=population).answers
    assert expected_half_width(needed, population=population) <= 5
    assert expected_half_width(needed - 1, population=population) > 5
