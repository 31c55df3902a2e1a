"""pm.compare, pm.explain_change, pm.plan."""

import numpy as np
import pytest

import promontory as pm
from promontory.errors import BadInput
from promontory.measurement import Tally, difference
from promontory.measurement.inference.paired import PairTally, paired_difference

BEFORE, AFTER = Tally({10: 40, 8: 20, 3: 40}), Tally({10: 60, 8: 20, 3: 20})


def people(seed, n, shares, who=400):
    rng = np.random.default_rng(seed)
    return {
        "score": rng.integers(0, 11, n), "region": rng.choice(["N", "S", "E"], n, p=shares),
        "customer_id": rng.integers(0, who, n),
    }  # fmt: skip


def test_two_sources_are_compared_by_the_interval_of_the_difference():
    result = pm.compare(BEFORE, AFTER)
    assert result.difference == difference(BEFORE, AFTER)
    assert list(result.scores) == ["before", "after"]
    assert result.sentence().startswith("before → after: Up 40.0 points")


def test_people_who_answered_on_both_sides_are_paired():
    old, new = people(1, 500, [0.5, 0.3, 0.2]), people(2, 600, [0.2, 0.3, 0.5])
    result = pm.compare(old, new)
    pairs = PairTally.of(old["score"], old["customer_id"], new["score"], new["customer_id"])
    exact = paired_difference(Tally.of(old["score"]), Tally.of(new["score"]), pairs)
    assert result.difference.low == pytest.approx(exact.low, abs=1e-9)
    common = len(set(old["customer_id"]) & set(new["customer_id"]))
    assert result.notes[0].startswith(f"{common} answered both in before and after")


def test_groups_of_one_source_are_compared_in_pairs_with_adjusted_p():
    rng = np.random.default_rng(0)
    data = {"score": rng.integers(0, 11, 900), "region": rng.choice(["N", "S", "E"], 900)}
    data["score"] = np.where(data["region"] == "N", 10, data["score"])
    result = pm.compare(data, by="region")
    assert [(p.before, p.after) for p in result.pairs] == [("E", "N"), ("E", "S"), ("N", "S")]
    assert all(p.adjusted >= p.difference.p_value for p in result.pairs)
    assert result.sentence().startswith("2 of 3 pairs differ by more than chance")


def test_periods_of_one_source_are_compared():
    data = {
        "score": [10] * 50 + [3] * 50,
        "date": ["2026-01-15"] * 50 + ["2026-02-15"] * 50,
    }
    result = pm.compare(data, before="2026-01", after="2026-02", options=pm.Options(zone="UTC"))
    assert result.difference.value == -200.0
    assert list(result.scores) == ["2026-01", "2026-02"]


@pytest.mark.parametrize("asked", [{}, {"b": BEFORE, "by": "x"}, {"before": "2026-01"}])
def test_what_is_not_clearly_asked_is_refused(asked):
    with pytest.raises(BadInput, match="not clear what to compare"):
        pm.compare({"score": [9]}, **asked)


def test_a_change_is_split_into_within_and_mix_that_add_up():
    old, new = people(1, 800, [0.5, 0.3, 0.2], 10**9), people(2, 900, [0.2, 0.3, 0.5], 10**9)
    result = pm.explain_change(old, new, by="region")
    found = result.explanation
    assert found.within.value + found.mix.value == pytest.approx(found.total.value, abs=1e-9)
    assert [segment.name for segment in found.segments] == ["E", "N", "S"]
    assert "jackknife" not in " ".join(result.notes)


def test_repeated_people_make_the_errors_a_jackknife():
    old, new = people(1, 800, [0.5, 0.3, 0.2]), people(2, 900, [0.2, 0.3, 0.5])
    result = pm.explain_change(old, new, by=["region"])
    assert "answered both times: errors are a jackknife" in result.notes[0]


def test_every_segment_rose_while_the_total_fell_is_said():
    def side(north, south):
        return {
            "score": [s for tally in (north, south) for s in tally],
            "region": ["N"] * len(north) + ["S"] * len(south),
        }

    old = side([10] * 300 + [3] * 100, [10] * 20 + [3] * 80)
    new = side([10] * 80 + [3] * 20, [10] * 120 + [3] * 280)
    assert (
        "Every segment rose while the total fell"
        in pm.explain_change(old, new, by="region").sentence()
    )


def test_a_change_needs_two_sides_with_answers():
    with pytest.raises(BadInput, match="two sources, or one source and two periods"):
        pm.explain_change({"score": [9]}, by="region")
    with pytest.raises(BadInput, match="There are no answers to explain"):
        pm.explain_change(
            {"score": [9], "r": ["N"]}, {"score": [None], "r": ["N"]}, by="r",
        )  # fmt: skip


def test_a_plan_has_one_aim_and_says_its_assumptions():
    plan = pm.plan(half_width=5, response_rate=0.2)
    assert plan.invitations == pytest.approx(plan.answers * 5, abs=5)
    assert pm.plan(half_width=5, expected=Tally({8: 100})).answers < plan.answers
    assert pm.plan(answers=500).detectable == pytest.approx(
        pm.plan(answers=2000).detectable * 2, rel=0.05
    )
    with pytest.raises(BadInput, match="A plan has one aim"):
        pm.plan(half_width=5, detect=3)
