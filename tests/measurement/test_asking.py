"""Outcome rates, channel choice and mode effects, against figures made elsewhere."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from promontory.errors import BadInput
from promontory.measurement import Tally
from promontory.measurement.asking import (
    Outcomes,
    Tried,
    chances,
    dispersion,
    mode_effects,
    pooled,
    rates,
)

# --- outcome rates


def test_the_rates_are_those_of_the_standard_definitions() -> None:
    # I 300, P 50, R 100, NC 450, O 20, U 80: 1,000 asked.
    found = rates(Outcomes(300, 50, 100, 450, 20, 80))

    assert found.rr1.value == 300 / 1_000
    assert found.rr2.value == 350 / 1_000
    assert found.rr5.value == 300 / 920
    assert found.rr6.value == 350 / 920
    assert found.cooperation1.value == 300 / 470
    assert found.cooperation2.value == 350 / 470
    assert found.refusal1.value == 100 / 1_000
    assert found.contact1.value == 470 / 1_000


def test_the_interval_is_wilsons_and_wider_between_unlike_waves() -> None:
    theirs = stats.binomtest(240, 1_000).proportion_ci(method="wilson")
    alike, spread = pooled([(120, 500), (120, 500)])
    assert (alike.low, alike.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert spread == 1

    unlike, spread = pooled([(80, 500), (160, 500)])
    # R: summary(glm(cbind(c(80,160), c(420,340)) ~ 1, family = quasibinomial))$dispersion
    assert spread == pytest.approx(35.0877216542, rel=1e-6)
    narrow = stats.binomtest(240, 1_000).proportion_ci(method="wilson")
    assert unlike.low < narrow.low and unlike.high > narrow.high


def test_the_dispersion_is_pearsons() -> None:
    groups = [(12, 40), (30, 70), (5, 55), (22, 60)]
    table = np.array([[x, n - x] for x, n in groups])
    assert dispersion(groups) == pytest.approx(
        stats.chi2_contingency(table, correction=False).statistic / 3
    )
    assert dispersion([(0, 10), (0, 30)]) == dispersion([(3, 9)]) == dispersion([]) == 1


def test_nobody_asked_is_no_rate() -> None:
    found = rates(Outcomes())
    assert found.rr2.value is None and found.cooperation1.value is None
    with pytest.raises(BadInput, match="less than not at all"):
        Outcomes(complete=-1)
    with pytest.raises(BadInput, match="dispersion"):
        rates(Outcomes(1), spread=0.5)


counts = st.integers(0, 10_000)


@given(counts, counts, counts, counts, counts, counts, st.floats(1, 50))
def test_rates_stand_in_their_order(i: int, p: int, r: int, n: int, o: int, u: int, phi: float):
    found = rates(Outcomes(i, p, r, n, o, u), spread=phi)
    for small, large in ((found.rr1, found.rr2), (found.rr1, found.rr5), (found.rr2, found.rr6)):
        if small.value is not None and large.value is not None:
            assert small.value <= large.value
    for rate in (found.rr1, found.rr6, found.cooperation2, found.contact1, found.refusal1):
        if rate.value is not None:
            assert 0 <= rate.low <= rate.value <= rate.high <= 1
    plain = rates(Outcomes(i, p, r, n, o, u)).rr1
    if plain.value is not None:
        assert found.rr1.high - found.rr1.low >= plain.high - plain.low - 1e-12


@given(st.lists(counts, min_size=12, max_size=12))
def test_outcomes_add(numbers: list[int]) -> None:
    first, second = Outcomes(*numbers[:6]), Outcomes(*numbers[6:])
    both = first + second
    assert both.asked == first.asked + second.asked
    assert both.answered == first.answered + second.answered


# --- channel choice


def beta(x: int, y: int) -> Fraction:
    return Fraction(factorial(x - 1) * factorial(y - 1), factorial(x + y - 1))


def exactly(a: int, b: int, c: int, d: int) -> Fraction:
    """P(X > Y) for X of Beta(a, b) and Y of Beta(c, d), in whole fractions.

    Miller 2015, "Formulas for Bayesian A/B Testing", equation 6.
    """
    return sum(
        (beta(c + i, b + d) / ((b + i) * beta(1 + i, b) * beta(c, d)) for i in range(a)),
        Fraction(0),
    )


@pytest.mark.parametrize(
    ("x", "n", "y", "m"), [(3, 10, 5, 12), (0, 8, 0, 3), (24, 100, 12, 100), (5, 5, 0, 4)]
)
def test_the_chance_is_the_exact_one_under_a_flat_prior(x: int, n: int, y: int, m: int) -> None:
    found = chances({"sms": Tried(x, n), "email": Tried(y, m)}, prior=1)
    truth = exactly(x + 1, n - x + 1, y + 1, m - y + 1)
    assert found.best["sms"] == pytest.approx(float(truth), abs=1e-12)
    assert found.best["email"] == pytest.approx(1 - float(truth), abs=1e-12)


def test_the_chance_under_jeffreyss_prior_is_scipys() -> None:
    tried = {"a": (0, 4), "b": (2, 30), "c": (1_240, 10_000), "d": (60, 500)}
    found = chances({name: Tried(*one) for name, one in tried.items()})
    laws = {name: stats.beta(x + 0.5, n - x + 0.5) for name, (x, n) in tried.items()}
    for name, law in laws.items():
        others = [laws[other] for other in laws if other != name]
        # By the quantile: no pole at 0, where Beta(½, 4½) has one.
        theirs, _ = integrate.quad(
            lambda p, law=law, others=others: np.prod([o.cdf(law.ppf(p)) for o in others]),
            0,
            1,
            limit=400,
        )
        assert found.best[name] == pytest.approx(theirs, abs=1e-6)


def test_waves_that_differ_make_the_choice_less_sure() -> None:
    sure = chances({"sms": Tried(240, 1_000), "email": Tried(180, 1_000)})
    unsure = chances({"sms": Tried(240, 1_000, 20), "email": Tried(180, 1_000, 20)})
    assert sure.leader == unsure.leader == "sms"
    assert sure.best["sms"] > 0.999 > 0.8 > unsure.best["sms"] > 0.7


def test_a_channel_never_tried_is_as_likely_best_as_not() -> None:
    assert chances({"a": Tried(0, 0), "b": Tried(0, 0)}).best == pytest.approx({"a": 0.5, "b": 0.5})
    assert chances({"a": Tried(3, 9)}).best == {"a": 1.0}
    assert chances({}).leader is None


@given(
    st.dictionaries(
        st.sampled_from("abcd"),
        st.tuples(st.integers(0, 5_000), st.integers(0, 50_000), st.floats(1, 30)),
        min_size=1,
    )
)
def test_chances_add_up_and_follow_the_evidence(given_: dict[str, tuple[int, int, float]]) -> None:
    tried = {name: Tried(x, x + n, phi) for name, (x, n, phi) in given_.items()}
    found = chances(tried)
    assert sum(found.best.values()) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in found.best.values())
    assert set(found.order) == set(tried)


# --- mode effects


def test_a_difference_that_is_all_mix_is_no_effect_of_the_channel() -> None:
    # Young customers score 20, old ones 60, by either channel; texts reach the young.
    young, old = {10: 50, 7: 20, 0: 30}, {10: 70, 7: 20, 0: 10}
    text = {"young": Tally({a: 9 * n for a, n in young.items()}), "old": Tally(old)}
    mail = {"young": Tally(young), "old": Tally({a: 9 * n for a, n in old.items()})}

    [found] = mode_effects({"SMS": text, "Email": mail}, reference="Email")

    assert found.raw.value == pytest.approx(24 - 56)
    assert found.raw.significant
    assert found.effect.value == pytest.approx(0, abs=1e-9)
    assert found.mix.value == pytest.approx(-32)
    assert not found.effect.significant
    assert found.sentence.startswith("No detectable difference between SMS and Email")


def test_an_effect_of_the_channel_is_found_within_segments() -> None:
    text = {"a": Tally({10: 700, 0: 300}), "b": Tally({10: 140, 0: 60})}
    mail = {"a": Tally({10: 120, 0: 80}), "b": Tally({10: 600, 0: 400})}

    [found] = mode_effects({"SMS": text, "Email": mail}, reference="Email")

    assert found.effect.value == pytest.approx(20)  # 40 against 20, in both segments
    assert found.effect.significant and found.effect.low < 20 < found.effect.high
    assert "scores 20.0 points higher than Email" in found.sentence


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    chance = {"a": (0.3, 0.2, 0.5), "b": (0.1, 0.3, 0.6)}
    sizes = {"Email": {"a": 300, "b": 80}, "SMS": {"a": 60, "b": 200}}
    covered, runs = 0, 2_000
    for _ in range(runs):
        drawn = {
            mode: {
                cell: Tally(dict(zip((0, 7, 10), rng.multinomial(n, chance[cell]), strict=True)))
                for cell, n in cells.items()
            }
            for mode, cells in sizes.items()
        }
        [found] = mode_effects(drawn)
        covered += found.effect.low <= 0 <= found.effect.high
    # Three standard errors of 95 % in 2,000 runs.
    assert 0.935 <= covered / runs <= 0.97


def test_modes_without_common_segments_cannot_be_compared() -> None:
    tallies = {"SMS": {"a": Tally({10: 50})}, "Email": {"b": Tally({0: 50})}}
    [found] = mode_effects(tallies)
    assert found.effect is None and found.mix is None and found.shared == 0
    assert "cannot be told" in found.sentence


def test_one_mode_alone_has_no_effect() -> None:
    assert mode_effects({"SMS": {"a": Tally({10: 5})}, "Email": {"a": Tally({})}}) == ()
    assert mode_effects({}) == ()


cells = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(
        lambda p, n, d: Tally({10: p, 7: n, 2: d}),
        st.integers(1, 300), st.integers(0, 300), st.integers(0, 300),
    ),
    min_size=1,
)  # fmt: skip


@given(cells, cells, cells)
def test_effect_and_mix_add_up_to_the_raw_difference(
    first: dict[str, Tally], second: dict[str, Tally], third: dict[str, Tally]
) -> None:
    for one in mode_effects({"x": first, "y": second, "z": third}):
        assert 0 <= one.shared <= 1
        if one.effect is not None:
            assert one.effect.value + one.mix.value == pytest.approx(one.raw.value, abs=1e-6)
