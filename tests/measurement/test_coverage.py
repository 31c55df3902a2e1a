"""The intervals hold what statistics promise, by enumeration of every possible sample.

How low the worst case is depends on which populations are tried: with detractors and promoters of
a whole percent or more the floors are those promised; rarer groups (half a percent, or nobody)
go lower, and that is held here as well. docs/reference/coverage.md shows both.
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
def test_the_default_interval_covers_as_promised_in_every_whole_percent_population(n, promised):
    found = enumeration.one_score(n, shares=enumeration.WHOLE_PERCENTS)
    assert found.worst >= promised
    assert 0.95 <= found.mean <= 0.985


@pytest.mark.parametrize("n", [5, 10, 20, 25, 30, 50])
def test_groups_rarer_than_a_percent_are_covered_less_but_never_below_ninety(n):
    assert enumeration.one_score(n, shares=enumeration.WITH_NOBODY).worst >= 0.900


def test_the_promise_of_twenty_answers_does_not_hold_where_a_group_is_nobody():
    assert enumeration.one_score(20, shares=enumeration.WITH_NOBODY).worst < 0.921


def test_the_normal_form_is_no_default_because_it_fails_at_five():
    assert enumeration.one_score(5, method="rocks").worst == pytest.approx(0.835, abs=0.005)


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_other_levels_hold_as_well(level):
    assert enumeration.one_score(20, level=level).worst >= level - 0.045


@pytest.mark.parametrize("n", [5, 10, 20, 30, 50])
def test_a_share_is_covered_as_promised(n):
    for metric in (CSAT, YES_NO):
        found = enumeration.one_score(n, metric, shares=enumeration.WITH_NOBODY)
        assert found.worst >= 0.938


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
