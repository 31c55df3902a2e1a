"""Is the change real? The difference answers, not two intervals side by side."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import (
    CSAT,
    NPS,
    ClusterTally,
    PairTally,
    Tally,
    alert,
    benjamini_hochberg,
    difference,
    difference_many,
    paired_difference,
    score,
    sequential,
)

triples = st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))


def of(d: int, p: int, s: int) -> Tally:
    return Tally({3: d, 8: p, 10: s})


def test_welch_on_augmented_counts_agrees_with_scipy():
    # Doubled, the pseudo-answers .5 / 1 / .5 are whole and scipy can be asked for the moments.
    stats = pytest.importorskip("scipy.stats")
    a, b = np.array([10.5, 21, 30.5]), np.array([25.5, 21, 20.5])
    y = np.array([-100, 0, 100.0])
    means = [(c @ y) / c.sum() for c in (a, b)]
    sds = [np.sqrt((c @ (y - m) ** 2) / (c.sum() - 1)) for c, m in zip((a, b), means, strict=True)]
    found = difference(of(10, 20, 30), of(25, 20, 20))
    expected = stats.ttest_ind_from_stats(
        means[1], sds[1], b.sum(), means[0], sds[0], a.sum(), equal_var=False
    )
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.value == pytest.approx(score(of(25, 20, 20)).value - score(of(10, 20, 30)).value)


@given(triples, triples, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_holds_the_change_and_the_test_agrees_with_it(a, b, level):
    found = difference(of(*a), of(*b), level=level)
    if found.value is None:
        assert found.sentence() == "Nothing to compare: one side has no answers."
        return
    assert -200 <= found.low <= found.value <= found.high <= 200
    if found.significant:
        assert found.low > -1e-9 or found.high < 1e-9
    back = difference(of(*b), of(*a), level=level)
    assert back.value == pytest.approx(-found.value)
    assert back.low == pytest.approx(-found.high)
    assert back.p_value == pytest.approx(found.p_value)


@given(st.lists(st.tuples(triples, triples), min_size=1, max_size=5))
def test_many_differences_at_once_are_each_alone(pairs):
    def rows(side: int) -> list[list[int]]:
        return [[0] * 3 + [p[side][0]] + [0] * 4 + [p[side][1], 0, p[side][2]] for p in pairs]

    many = difference_many(rows(0), rows(1))
    for i, (a, b) in enumerate(pairs):
        alone = difference(of(*a), of(*b))
        assert many[i].significant == alone.significant
        for figure in ("value", "low", "high", "p_value", "se", "smallest_detectable"):
            here, there = getattr(many[i], figure), getattr(alone, figure)
            assert here == (there if there is None else pytest.approx(there, rel=1e-9, abs=1e-9))


def test_sentences():
    same = difference(of(100, 100, 100), of(98, 101, 103))
    assert same.sentence("September") == (
        "No detectable change since September; you would have seen 19 points or more."
    )
    up = difference(of(300, 300, 400), of(250, 300, 450))
    assert up.sentence() == "Up 10.0 points (2.8 to 17.2): more than chance."
    down = difference(of(250, 300, 450), of(300, 300, 400))
    assert down.sentence("May") == "Down 10.0 points since May (2.8 to 17.2): more than chance."
    satisfied = difference(Tally({1: 500, 5: 500}), Tally({1: 400, 5: 600}), CSAT)
    assert satisfied.sentence().startswith("Up 10.0 percentage points (")


def test_intervals_that_overlap_can_still_be_a_change():
    before, after = of(300, 300, 400), of(250, 300, 450)
    assert score(before).high > score(after).low
    assert difference(before, after).significant


def test_a_group_without_answers_is_no_change_of_zero():
    found = difference(of(1, 2, 3), Tally())
    assert (found.value, found.low, found.p_value, found.significant) == (None, None, None, False)


def test_ten_against_a_hundred_promoters_is_no_discovery():
    assert not difference(of(0, 0, 10), of(10, 0, 90)).significant


def test_clusters_widen_a_difference():
    rng = np.random.default_rng(5)
    values = np.repeat(rng.choice([3, 8, 10], 40), 10)
    later = np.repeat(rng.choice([3, 8, 10], 40), 10)
    names = np.repeat(np.arange(40), 10)
    plain = difference(Tally.of(values), Tally.of(later))
    clustered = difference(
        Tally.of(values),
        Tally.of(later),
        clusters_before=ClusterTally.of(values, names),
        clusters_after=ClusterTally.of(later, names),
    )
    assert clustered.se > 2.5 * plain.se
    assert clustered.value == plain.value


def test_the_same_people_twice_are_not_independent_samples():
    rng = np.random.default_rng(6)
    runs, people = 400, 60
    alarms = paired_alarms = 0
    ratio = []
    for _ in range(runs):
        mood = rng.normal(0, 1, people)
        first = np.clip(np.round(8 + 1.5 * mood + rng.normal(0, 0.8, people)), 0, 10).astype(int)
        second = np.clip(np.round(8 + 1.5 * mood + rng.normal(0, 0.8, people)), 0, 10).astype(int)
        names = np.arange(people)
        pairs = PairTally.of(first, names, second, names, NPS)
        paired = paired_difference(Tally.of(first), Tally.of(second), pairs)
        plain = difference(Tally.of(first), Tally.of(second))
        paired_alarms += paired.significant
        alarms += plain.significant
        ratio.append(plain.se / paired.se)
    assert np.mean(ratio) > 1.3
    assert alarms / runs < 0.03
    assert 0.02 <= paired_alarms / runs <= 0.075


def test_unpaired_people_in_a_paired_test_are_as_in_welchs():
    rng = np.random.default_rng(7)
    a, b = rng.choice([3, 8, 10], 400), rng.choice([3, 8, 10], 300)
    pairs = PairTally.of(a, np.arange(400), b, 1000 + np.arange(300))
    paired = paired_difference(Tally.of(a), Tally.of(b), pairs)
    plain = difference(Tally.of(a), Tally.of(b))
    assert paired.se == pytest.approx(plain.se, rel=0.01)
    assert paired.df == pytest.approx(plain.df, rel=0.02)


def test_ten_people_who_all_repeat_themselves_are_not_certainty():
    values = [9, 3, 8, 9, 10, 2, 7, 9, 9, 8]
    pairs = PairTally.of(values, range(10), values, range(10))
    found = paired_difference(Tally.of(values), Tally.of(values), pairs)
    assert found.value == 0
    assert found.high > 10


def test_benjamini_hochberg_published_example():
    # Benjamini and Hochberg (1995), section 4: 15 p-values; four are findings at q = 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    adjusted = benjamini_hochberg(p)
    assert (adjusted <= 0.05).sum() == 4
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_never_lowers_nor_reorders(p):
    adjusted = benjamini_hochberg(p)
    assert np.all(adjusted >= np.array(p) - 1e-12)
    assert np.all(np.diff(adjusted[np.argsort(p)]) >= -1e-12)
    padded = benjamini_hochberg([*p, float("nan")])
    assert np.isnan(padded[-1])
    assert padded[:-1] == pytest.approx(adjusted)


def test_a_drop_alone_is_no_alert():
    before = of(30, 30, 40)
    silent = alert(difference(before, of(37, 30, 33)), threshold=10)
    assert silent.drop == pytest.approx(14)
    assert not silent.fires
    assert silent.smallest_detectable > 14
    assert "would have been seen" in silent.sentence
    loud = alert(difference(of(300, 300, 400), of(370, 300, 330)), threshold=10)
    assert loud.fires
    assert loud.p_value < 0.025
    rise = alert(difference(of(370, 300, 330), of(300, 300, 400)), threshold=10)
    assert not rise.fires
    assert not alert(difference(before, Tally()), threshold=10).fires
    with pytest.raises(BadInput):
        alert(difference(before, before), threshold=0)


def test_alerts_fire_falsely_in_few_steady_periods():
    rng = np.random.default_rng(8)
    counts = rng.multinomial(100, [0.3, 0.3, 0.4], size=4001)
    naive = fired = 0
    for a, b in pairwise(counts):
        verdict = alert(difference(of(*a), of(*b)), threshold=10)
        naive += verdict.drop >= 10
        fired += verdict.fires
    assert naive / 4000 > 0.15
    assert fired / 4000 <= 0.03


def test_looking_every_day_does_not_find_what_is_not_there():
    rng = np.random.default_rng(9)
    runs, daily, always_valid = 300, 0, 0
    for _ in range(runs):
        a = rng.multinomial(20, [0.3, 0.3, 0.4], size=30).cumsum(axis=0)
        b = rng.multinomial(20, [0.3, 0.3, 0.4], size=30).cumsum(axis=0)
        looks = [difference(of(*x), of(*y)) for x, y in zip(a, b, strict=True)]
        daily += any(look.significant for look in looks)
        always_valid += sequential(looks)[-1].significant
    assert daily / runs > 0.15
    assert always_valid / runs <= 0.05


def test_a_sequential_look_finds_a_change_in_time_and_keeps_it():
    looks = [
        difference(of(20 * k, 30 * k, 50 * k), of(30 * k, 30 * k, 40 * k)) for k in range(1, 15)
    ]
    verdicts = sequential([difference(of(1, 1, 1), Tally()), *looks])
    assert verdicts[0].value is None
    assert not verdicts[1].significant
    assert verdicts[-1].significant
    assert all(x.p_value >= y.p_value for x, y in pairwise(verdicts))
    with pytest.raises(BadInput):
        sequential(looks, change=0)
