"""The distributions agree with SciPy, which the product itself does not need."""

from __future__ import annotations

import numpy as np
import pytest

from promontory.errors import BadInput
from promontory.measurement.inference.jeffreys import posterior_cdf
from promontory.measurement.inference.quantiles import (
    check_level,
    f_upper,
    normal_upper,
    t_quantile,
    t_upper,
)
from promontory.measurement.inference.special import beta_cdf, log_gamma

special = pytest.importorskip("scipy.special")
stats = pytest.importorskip("scipy.stats")

DF = np.array([0.5, 1, 1.3, 2, 3, 5, 7.7, 10, 30, 100, 199, 200, 555.5, 5000, 1e6])


def test_log_gamma():
    x = np.geomspace(1e-3, 1e6, 300)
    np.testing.assert_allclose(log_gamma(x), special.gammaln(x), rtol=1e-13, atol=1e-13)


def test_incomplete_beta():
    rng = np.random.default_rng(4)
    a, b, x = rng.gamma(2, 8, 500), rng.gamma(2, 8, 500), rng.random(500)
    np.testing.assert_allclose(beta_cdf(x, a, b), special.betainc(a, b, x), atol=1e-12)
    assert beta_cdf(0.0, 2, 3) == 0
    assert beta_cdf(1.0, 2, 3) == 1


@pytest.mark.parametrize("p", [0.5, 0.8, 0.9, 0.95, 0.975, 0.995, 0.9995])
def test_student_quantile(p):
    np.testing.assert_allclose(t_quantile(p, DF), stats.t.ppf(p, DF), rtol=2e-9, atol=1e-12)
    assert t_quantile(p, np.inf) == pytest.approx(stats.norm.ppf(p), rel=1e-12)


def test_student_tail_far_out_and_on_both_sides():
    t = np.array([-6, -2, -0.3, 0, 0.1, 1, 2.5, 6])[:, None]
    np.testing.assert_allclose(t_upper(t, DF), stats.t.sf(t, DF), rtol=1e-8)
    np.testing.assert_allclose(normal_upper(t), stats.norm.sf(t), rtol=1e-12)


def test_f_tail():
    df2 = np.arange(1, 40)
    np.testing.assert_allclose(f_upper(2.5, 3, df2), stats.f.sf(2.5, 3, df2), rtol=1e-11)


def test_jeffreys_posterior_of_a_share_is_the_beta_distribution():
    alpha = np.array([[0.5, 8.5], [3.5, 40.5], [300.5, 0.5]])
    t = np.array([80.0, 95.0, 1.0])
    expected = stats.beta.cdf(t / 100, alpha[:, 1], alpha[:, 0])
    np.testing.assert_allclose(posterior_cdf(alpha, np.array([0, 100.0]), t), expected, atol=1e-6)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0, 95, -1])
def test_a_senseless_level_is_refused(level):
    with pytest.raises(BadInput):
        check_level(level)
