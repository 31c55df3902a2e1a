"""Mistakes that must be impossible, one test for each that concerns the numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import promontory
import promontory.measurement as measurement
from promontory.errors import BadInput
from promontory.measurement import (
    NPS,
    ClusterTally,
    Estimate,
    Tally,
    difference,
    explain_change,
    score,
    tiers,
)


def of(d: int, p: int, s: int) -> Tally:
    return Tally({3: d, 8: p, 10: s})


def test_a_score_is_never_a_bare_number():
    found = score(of(10, 10, 10))
    assert isinstance(found, Estimate)
    assert not isinstance(found, (int, float))
    with pytest.raises(TypeError):
        float(found)  # type: ignore[arg-type]
    assert "n = 30" in str(found)
    assert " to " in str(found)


def test_an_empty_base_is_not_zero():
    assert score(Tally()).value is None
    assert score(Tally()).to_dict()["value"] is None
    assert str(score(Tally())) == "no answers"


def test_differences_are_taken_before_rounding():
    # 33.3 − 33.2 of rounded figures would say 0.1; the raw difference is 0.0444.
    a, b = of(0, 2, 1), of(0, 1502, 750)
    found = difference(b, a)
    assert found.value == pytest.approx(100 / 3 - 100 * 750 / 2252, rel=1e-12)


def test_segments_are_pooled_not_averaged():
    big, small = of(400, 300, 300), of(0, 1, 9)
    pooled = score(big + small).value
    assert pooled == pytest.approx((-100 * 400 + 100 * 309) / 1010)
    assert pooled != pytest.approx((score(big).value + score(small).value) / 2)


@pytest.mark.parametrize("answer", [9.5, "10/10"])
def test_odd_answers_are_refused(answer):
    with pytest.raises(BadInput):
        Tally.of([answer])


def test_answers_below_the_scale_are_refused():
    with pytest.raises(BadInput):
        score(Tally.of([-1, 9]))


def test_a_scale_is_never_recoded():
    # Ones to tens are counted as they are; the question of scale is asked where files are read.
    assert score(Tally.of([1, 10])).value == 0
    with pytest.raises(BadInput):
        score(Tally.of([0, 4]), "csat")


def test_mixing_channels_has_a_mix_term():
    before = {"mail": of(100, 300, 600), "sms": of(300, 400, 300)}
    after = {"mail": of(50, 150, 300), "sms": of(600, 800, 600)}
    assert explain_change(before, after).mix.value == pytest.approx(
        explain_change(before, after).total.value
    )


def test_tiny_cohorts_are_not_ranked():
    assert str(tiers({"a": of(0, 0, 29), "b": of(500, 300, 10)})[-1].tier) == "too few answers"


def test_five_and_six_are_detractors():
    assert score(Tally({5: 1, 6: 1})).value == -100


def test_independence_is_not_assumed_where_people_repeat():
    values = np.repeat([9, 3, 8, 10, 2, 9, 7, 9], 25)
    clusters = ClusterTally.of(values, np.repeat(np.arange(8), 25))
    assert score(Tally.of(values), clusters=clusters).width > 4 * score(Tally.of(values)).width


def test_a_census_is_not_narrowed_unless_asked():
    assert score(of(10, 10, 10)).population is None
    assert score(of(10, 10, 10), population=100).notes


def test_no_wald_interval_at_the_corner():
    # 29 of 30 promoters, the other passive: Wald would claim ±6 points.
    assert score(of(0, 1, 29)).low < 85


def test_nothing_but_numpy_is_needed():
    code = (
        "import sys; import promontory.measurement; "
        "bad = {'scipy', 'pandas', 'django', 'duckdb', 'pyarrow'} & set(sys.modules); "
        "sys.exit(str(bad) if bad else 0)"
    )
    home = str(Path(promontory.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": home},
    )
    assert done.returncode == 0, done.stderr


def test_everything_public_says_what_it_does():
    for name in measurement.__all__:
        thing = getattr(measurement, name)
        if callable(thing):
            assert thing.__doc__, name
    assert NPS.name == "Net Promoter Score"
