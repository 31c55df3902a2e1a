"""The intervals hold what statistics promise, by enumeration of every possible sample.

The populations are a grid of shares with corners (0.5 % detractors, 99 % promoters).
"""

from __future__ import annotations

import pytest
from benchmarks.coverage import enumeration, simulation

from promontory.measurement import CSAT, YES_NO

# Nothing below 5 %: the sizes people plan for. With corners the pair of a population at one
# corner and one at the other is covered least.
INNER = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@pytest.mark.parametrize(
    ("n", "promised"), [(5, 0.900), (10, 0.900), (20, 0.921), (30, 0.921), (50, 0.921)]
)
def test_the_default_interval_covers_as_promised(n, promised):
    found = enumeration.one_score(n)
    assert found.worst >= promised
    assert 0.95 <= found.mean <= 0.985


def test_the_normal_form_is_no_default_because_it_fails_at_five():
    assert enumeration.one_score(5, method="rocks").worst == pytest.approx(0.835, abs=0.005)


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_other_levels_hold_as_well(level):
    assert enumeration.one_score(20, level=level).worst >= level - 0.045


@pytest.mark.parametrize("n", [5, 10, 20, 30, 50])
def test_a_share_is_covered_as_promised(n):
    assert enumeration.one_score(n, CSAT).worst >= 0.938
    assert enumeration.one_score(n, YES_NO).worst >= 0.938


@pytest.mark.parametrize(("before", "after"), [(5, 5), (10, 10), (10, 20), (20, 20)])
def test_a_difference_is_covered_and_seldom_cries_wolf(before, after):
    inner = enumeration.difference(before, after, shares=INNER)
    assert inner.worst >= 0.941
    corners = enumeration.difference(before, after)
    assert corners.worst >= 0.89
    assert corners.type_one <= 0.052


@pytest.mark.parametrize(("before", "after"), [(5, 5), (10, 30), (20, 50)])
def test_a_difference_of_shares_is_covered(before, after):
    found = enumeration.difference(before, after, CSAT)
    assert found.worst >= 0.94
    assert found.type_one <= 0.052


@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("mix", simulation.MIXES)
def test_weighted_scores_are_covered(n, mix):
    assert simulation.weighted(n, 0.6, mix, runs=3000, seed=n) >= 0.941 - 0.012


@pytest.mark.parametrize("groups", [8, 30])
@pytest.mark.parametrize("alike", [0.0, 0.4])
def test_accounts_of_several_people_are_covered(groups, alike):
    assert simulation.accounts(groups, 4, alike, runs=3000, seed=groups) >= 0.93 - 0.012


@pytest.mark.parametrize("n", [5, 20, 100])
def test_means_of_many_points_are_covered(n):
    assert simulation.means(n, runs=3000, seed=n, populations=16) >= 0.93
