"""Trends with bands, seasons, and charts that notice a drift."""

from __future__ import annotations

import numpy as np
import pytest

from promontory.errors import BadInput
from promontory.measurement import Tally
from promontory.measurement.series import Period, cusum, ewma, trend
from promontory.measurement.series.trend import smoothed


def drawn(rng: np.random.Generator, n: int, theta: float) -> Tally:
    s = 0.35 + theta / 200
    d = 0.35 - theta / 200
    return Tally(dict(zip((3, 8, 10), rng.multinomial(n, [d, 0.3, s]).tolist(), strict=True)))


def periods(tallies: list[Tally]) -> list[Period]:
    return [Period(f"month {i}", t) for i, t in enumerate(tallies)]


def test_the_smoother_is_the_least_squares_solution():
    # With known variances the smoothed level is that of penalised least squares, exactly.
    rng = np.random.default_rng(1)
    y, known, drift = rng.normal(10, 5, 12), rng.uniform(4, 30, 12), 6.0
    step = np.diff(np.eye(12), axis=0)
    precision = np.diag(1 / known) + step.T @ step / drift
    level, spread = smoothed(y, known, np.ones(12, dtype=bool), drift)
    np.testing.assert_allclose(level, np.linalg.solve(precision, y / known), rtol=1e-9)
    np.testing.assert_allclose(spread, np.diag(np.linalg.inv(precision)), rtol=1e-9)


def test_gaps_are_bridged_with_a_wider_band():
    rng = np.random.default_rng(2)
    tallies = [drawn(rng, 200, 10 + 12 * np.sin(i / 2)) for i in range(20)]
    tallies[8] = tallies[9] = tallies[0] = Tally()
    found = trend(periods(tallies))
    assert found.points[8].estimate.value is None
    widths = [p.high - p.low for p in found.points]
    assert widths[8] > widths[5]
    assert widths[0] > widths[1]
    assert all(p.low <= p.level <= p.high for p in found.points)


def test_a_steady_score_is_drawn_flat():
    rng = np.random.default_rng(3)
    flat = [trend(periods([drawn(rng, 150, 20) for _ in range(24)])) for _ in range(20)]
    swings = [np.ptp([p.level for p in t.points]) for t in flat]
    raw = [np.ptp([p.estimate.value for p in t.points]) for t in flat]
    assert np.median(swings) < 0.25 * np.median(raw)


def test_the_band_covers_a_wandering_level():
    rng = np.random.default_rng(4)
    inside = []
    for _ in range(60):
        level = 10 + np.cumsum(rng.normal(0, 4, 30))
        found = trend(periods([drawn(rng, 250, x) for x in np.clip(level, -60, 60)]))
        inside += [
            p.low <= x <= p.high for p, x in zip(found.points, np.clip(level, -60, 60), strict=True)
        ]
    assert np.mean(inside) == pytest.approx(0.94, abs=0.025)


def test_the_newest_period_is_not_compared_before_it_is_complete():
    rng = np.random.default_rng(5)
    rows = periods([drawn(rng, 300, 20) for _ in range(6)])
    # Those who answer at once are the happy ones.
    early = Period("this month", Tally({10: 40}), complete=False)
    found = trend([*rows, early])
    assert found.latest == trend(rows).latest
    assert "this month is not complete yet and not compared." in found.notes
    assert found.points[-1].estimate.value == 100
    assert found.points[-1].level == pytest.approx(found.points[-2].level)


def test_nothing_yet():
    found = trend([Period("a", Tally()), Period("b", Tally(), complete=False)])
    assert found.latest is None
    assert [p.level for p in found.points] == [None, None]
    assert trend([]).points == ()
    with pytest.raises(BadInput, match="label"):
        trend([Period("a", Tally()), Period("a", Tally())])


def test_a_seasonal_swing_is_noted_and_none_is_not():
    rng = np.random.default_rng(6)
    swing = [drawn(rng, 800, 10 + 15 * np.cos(2 * np.pi * i / 12)) for i in range(36)]
    assert "compare with the same season" in trend(periods(swing), season=12).notes[0]
    noted = sum(
        bool(trend(periods([drawn(rng, 300, 10) for _ in range(36)]), season=12).notes)
        for _ in range(40)
    )
    assert noted <= 3
    short = trend(periods(swing[:20]), season=12)
    assert "Two full cycles" in short.notes[0]


def test_charts_notice_a_lasting_drop_and_keep_quiet_otherwise():
    rng = np.random.default_rng(7)
    steady = [drawn(rng, int(n), 20) for n in rng.integers(80, 400, 300)]
    dropped = steady[:30] + [drawn(rng, 250, 10) for _ in range(30)]
    assert ewma(steady, 20).signals.mean() < 0.02
    assert cusum(steady, 20).signals.mean() < 0.05
    assert 30 <= ewma(dropped, 20).first_signal <= 42
    assert 30 <= cusum(dropped, 20).first_signal <= 42
    assert cusum(dropped[30:], 20, upward=True).first_signal is None


def test_the_ewma_variance_is_exact():
    tallies = [Tally({3: 30, 8: 30, 10: 40}), Tally({3: 300, 8: 300, 10: 400})]
    chart = ewma(tallies, 0.0, weight=0.4, width=1.0)
    one = ewma(tallies[:1], 0.0, weight=1.0, width=1.0).high[0]
    two = ewma(tallies[1:], 0.0, weight=1.0, width=1.0).high[0]
    assert chart.high[1] ** 2 == pytest.approx((0.4 * two) ** 2 + (0.4 * 0.6 * one) ** 2)
    assert chart.statistic[1] == pytest.approx(0.4 * 10 + 0.6 * 0.4 * 10)


def test_a_chart_rides_over_empty_periods_and_refuses_senseless_settings():
    chart = ewma([Tally({10: 50, 3: 50}), Tally()], 0.0)
    assert chart.statistic[1] == chart.statistic[0]
    assert not chart.signals[1]
    for wrong in ({"weight": 0}, {"weight": 2}, {"width": 0}):
        with pytest.raises(BadInput):
            ewma([], 0.0, **wrong)
    with pytest.raises(BadInput):
        cusum([], 0.0, limit=0)
