"""A change and its parts: exact, symmetric, with honest errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import ClusterSegments, Tally, explain_change
from promontory.measurement.decomposition import _Bridge
from promontory.measurement.inference.moments import Cells
from promontory.measurement.metrics import NPS

cell = st.tuples(st.integers(0, 80), st.integers(0, 80), st.integers(0, 80))
period = st.dictionaries(st.sampled_from("abcde"), cell, min_size=1, max_size=5)


def of(d: int, p: int, s: int) -> Tally:
    return Tally({3: d, 8: p, 10: s})


def tallies(rows: dict[str, tuple[int, int, int]]) -> dict[str, Tally]:
    return {name: of(*row) for name, row in rows.items()}


@given(period, period)
def test_the_parts_add_up_to_the_change_exactly(before, after):
    if not any(map(sum, before.values())) or not any(map(sum, after.values())):
        with pytest.raises(BadInput):
            explain_change(tallies(before), tallies(after))
        return
    found = explain_change(tallies(before), tallies(after))
    assert found.within.value + found.mix.value == pytest.approx(found.total.value, abs=1e-9)
    assert sum(s.within.value for s in found.segments) == pytest.approx(found.within.value)
    assert sum(s.mix.value for s in found.segments) == pytest.approx(found.mix.value)
    for s in found.segments:
        if s.score_before is None or s.score_after is None:
            assert s.within.value == 0
            assert s.within.se == 0


@given(period, period)
def test_looking_backwards_turns_every_sign(before, after):
    if not any(map(sum, before.values())) or not any(map(sum, after.values())):
        return
    there = explain_change(tallies(before), tallies(after))
    back = explain_change(tallies(after), tallies(before))
    assert back.within.value == pytest.approx(-there.within.value, abs=1e-9)
    assert back.mix.value == pytest.approx(-there.mix.value, abs=1e-9)
    assert back.mix.se == pytest.approx(there.mix.se, abs=1e-9)


def test_every_segment_rises_and_the_total_falls():
    before = {"new": of(50, 30, 20), "old": of(40, 120, 240)}
    after = {"new": of(170, 130, 100), "old": of(8, 28, 64)}
    found = explain_change(before, after)
    assert found.paradox == "rose"
    assert found.total.value < 0
    assert all(s.score_after > s.score_before for s in found.segments)
    assert found.mix.significant
    assert "Every segment rose while the total fell: that is the mix." in found.sentence("May")
    assert explain_change(after, before).paradox == "fell"


def test_no_paradox_where_a_segment_came_or_went():
    found = explain_change({"a": of(1, 1, 8), "b": of(8, 1, 1)}, {"a": of(1, 0, 9)})
    assert found.paradox is None


def test_a_channel_mix_is_not_taken_for_a_change_of_heart():
    before = {"phone": of(100, 300, 600), "web": of(300, 400, 300)}
    after = {"phone": of(50, 150, 300), "web": of(600, 800, 600)}
    found = explain_change(before, after, names=("channel",))
    assert found.total.significant
    assert found.within.value == pytest.approx(0)
    assert not found.within.significant
    assert found.mix_by["channel"].value == pytest.approx(found.total.value)


def test_two_attributes_and_what_only_their_combination_explains():
    before = {("eu", "web"): of(10, 20, 70), ("eu", "app"): of(40, 30, 30)}
    before |= {("us", "web"): of(30, 40, 30), ("us", "app"): of(70, 20, 10)}
    after = {("eu", "web"): of(2, 4, 14), ("eu", "app"): of(60, 50, 50)}
    after |= {("us", "web"): of(60, 90, 60), ("us", "app"): of(70, 20, 10)}
    found = explain_change(before, after, names=("region", "channel"))
    assert list(found.mix_by) == ["region", "channel", "region × channel"]
    assert sum(e.value for e in found.mix_by.values()) == pytest.approx(found.mix.value)
    assert all(e.se > 0 for e in found.mix_by.values())
    with pytest.raises(BadInput, match="attribute"):
        explain_change(before, after, names=("region",))


def test_delta_errors_match_what_repeated_sampling_shows():
    rng = np.random.default_rng(11)
    names = ["a", "b", "c"]
    p0, p1 = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    mixes = np.array([[0.2, 0.3, 0.5], [0.4, 0.3, 0.3], [0.6, 0.2, 0.2]])
    parts, errors = [], []
    for _ in range(1500):
        sides = []
        for share in (p0, p1):
            flat = rng.multinomial(400, (share[:, None] * mixes).ravel()).reshape(3, 3)
            sides.append({n: of(*row) for n, row in zip(names, flat, strict=True)})
        found = explain_change(*sides)
        flat = [found.within, found.mix, *(s.within for s in found.segments)]
        flat += [s.mix for s in found.segments]
        parts.append([e.value for e in flat])
        errors.append([e.se for e in flat])
    spread = np.std(parts, axis=0, ddof=1)
    np.testing.assert_allclose(np.mean(errors, axis=0), spread, rtol=0.08)


def test_weights_enter_the_errors():
    before, after = (
        {"a": of(20, 30, 50), "b": of(30, 30, 40)},
        {"a": of(10, 20, 30), "b": of(60, 50, 50)},
    )
    uneven = {
        name: Tally(t.n, {a: 2 * c for a, c in t.n.items()}, {a: 6 * c for a, c in t.n.items()})
        for name, t in after.items()
    }
    plain, weighted = explain_change(before, after), explain_change(before, uneven)
    assert weighted.mix.value == pytest.approx(plain.mix.value)
    assert weighted.mix.se > plain.mix.se


def rows_of(
    cluster: np.ndarray, segment: np.ndarray, after: np.ndarray, y: np.ndarray
) -> ClusterSegments:
    key = cluster * (segment.max() + 1) + segment
    distinct, place = np.unique(key, return_inverse=True)
    sums = [
        np.bincount(place, weights, distinct.size)
        for weights in (y * ~after, ~after * 1.0, y * after, after * 1.0)
    ]
    return ClusterSegments(distinct // (segment.max() + 1), distinct % (segment.max() + 1), *sums)


def split(segment: np.ndarray, answers: np.ndarray) -> dict[str, Tally]:
    return {f"s{j}": Tally.of(answers[segment == j]) for j in np.unique(segment)}


def test_accounts_of_single_answers_have_the_errors_of_the_delta_method():
    rng = np.random.default_rng(12)
    size = 1200
    segment, after = rng.integers(0, 3, size), rng.random(size) < 0.5
    answers = rng.choice([3, 8, 10], size)
    y = np.select([answers == 3, answers == 8], [-100.0, 0.0], 100.0)
    before, later = split(segment[~after], answers[~after]), split(segment[after], answers[after])
    rows = rows_of(np.arange(size), segment, after, y)
    plain = explain_change(before, later)
    jack = explain_change(before, later, accounts=rows)
    assert jack.within.se == pytest.approx(plain.within.se, rel=0.02)
    assert jack.mix.se == pytest.approx(plain.mix.se, rel=0.02)
    assert jack.total.method == "paired-t"


def test_the_same_accounts_in_both_periods_make_the_within_part_surer():
    rng = np.random.default_rng(13)
    accounts, each = 150, 4
    mood = np.repeat(rng.choice([3, 8, 10], accounts), each)
    segment = np.repeat(rng.integers(0, 2, accounts), each)
    cluster = np.repeat(np.arange(accounts), each)
    after = np.tile([False, False, True, True], accounts)
    y = np.select([mood == 3, mood == 8], [-100.0, 0.0], 100.0)
    before, later = split(segment[~after], mood[~after]), split(segment[after], mood[after])
    plain = explain_change(before, later)
    jack = explain_change(before, later, accounts=rows_of(cluster, segment, after, y))
    assert jack.within.se < 0.3 * plain.within.se


def test_a_bridge_of_one_segment_has_no_mix():
    cells = Cells.of_tallies(NPS, [of(1, 2, 3)])
    bridge = _Bridge.over(cells, Cells.of_tallies(NPS, [of(3, 2, 1)]), np.array([0]))
    assert bridge.parts.mix.tolist() == [0.0]
