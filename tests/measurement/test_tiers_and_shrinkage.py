"""Tiers instead of ranks, and small cells drawn towards their parent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import Tally, Tier, shrink, tiers

triples = st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))


def of(d: int, p: int, s: int) -> Tally:
    return Tally({3: d, 8: p, 10: s})


def test_segments_stand_above_below_or_among_the_others():
    placed = tiers(
        {
            "north": of(10, 100, 190),
            "south": of(40, 70, 90),
            "east": of(120, 90, 90),
            "kiosk": of(0, 0, 12),
        }
    )
    assert [(p.name, p.tier) for p in placed] == [
        ("north", Tier.ABOVE),
        ("south", Tier.AMONG),
        ("east", Tier.BELOW),
        ("kiosk", Tier.UNRANKED),
    ]
    assert placed[-1].adjusted_p is None


def test_segments_of_one_population_are_seldom_placed_apart():
    rng = np.random.default_rng(31)
    apart = 0
    for _ in range(150):
        rows = rng.multinomial(80, [0.3, 0.3, 0.4], size=12)
        placed = tiers({str(i): of(*row) for i, row in enumerate(rows.tolist())})
        apart += any(p.tier in (Tier.ABOVE, Tier.BELOW) for p in placed)
    assert apart / 150 <= 0.09


def test_within_a_tier_the_score_gives_no_rank():
    placed = tiers({"z": of(50, 50, 60), "a": of(52, 50, 58), "m": of(51, 50, 59)})
    assert [p.name for p in placed] == ["a", "m", "z"]


def test_weighted_segments_and_lone_ones_can_be_placed():
    heavy = Tally.of([9, 9, 3] * 20, [0.1, 0.7, 1.3] * 20)
    assert {p.name for p in tiers({"a": heavy, "b": of(30, 30, 30)})} == {"a", "b"}
    assert tiers({"only": of(30, 30, 30)})[0].tier is Tier.AMONG
    assert tiers({}) == []


@given(st.lists(triples, min_size=2, max_size=6))
def test_a_shrunk_score_lies_between_its_own_and_the_parents(rows):
    segments = {str(i): of(*row) for i, row in enumerate(rows)}
    if sum(t.base > 0 for t in segments.values()) < 2:
        with pytest.raises(BadInput):
            shrink(segments)
        return
    found = shrink(segments)
    parent = found.parent.value
    for cell in found.cells:
        own = parent if cell.raw.value is None else cell.raw.value
        assert min(own, parent) - 1e-6 <= cell.value <= max(own, parent) + 1e-6
        assert cell.low <= cell.value <= cell.high
        assert 0 <= cell.own_part <= 1


def test_cells_that_differ_only_by_chance_are_drawn_together():
    rng = np.random.default_rng(32)
    rows = rng.multinomial(25, [0.3, 0.3, 0.4], size=40).tolist()
    found = shrink({str(i): of(*row) for i, row in enumerate(rows)})
    assert found.strength > 100
    raw = np.std([c.raw.value for c in found.cells])
    assert np.std([c.value for c in found.cells]) < 0.4 * raw


def test_the_strength_is_found_again_and_shrinking_pays():
    rng = np.random.default_rng(33)
    mix, strength = np.array([0.3, 0.3, 0.4]), 20.0
    truth = rng.dirichlet(strength * mix, size=300)
    rows = np.array([rng.multinomial(15, p) for p in truth])
    found = shrink({str(i): of(*row) for i, row in enumerate(rows.tolist())})
    assert found.strength == pytest.approx(strength, rel=0.35)
    scores = truth @ np.array([-100, 0, 100])
    raw = np.array([c.raw.value for c in found.cells])
    shrunk = np.array([c.value for c in found.cells])
    assert np.mean((shrunk - scores) ** 2) < 0.6 * np.mean((raw - scores) ** 2)
    held = [c.low <= s <= c.high for c, s in zip(found.cells, scores, strict=True)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_an_empty_segment_has_the_parents_score_and_a_base_of_nothing():
    found = shrink({"a": of(30, 30, 40), "b": of(10, 50, 40), "c": Tally()})
    empty = found.cells[2]
    assert empty.raw.value is None
    assert empty.raw.base == 0
    assert empty.own_part == 0
    assert empty.value == pytest.approx(found.parent.value)
