"""Weights and repeated people: against R's survey package, and by identities.

The reference figures come from R 4.2.2, survey 4.1.1; the script is below and is run again where
R and the package are present.
"""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.errors import BadInput
from promontory.measurement import Clustering, ClusterTally, Tally, score
from promontory.measurement.inference.moments import Cells
from promontory.measurement.metrics import NPS

Y = [100, 100, 0, -100, 100, 0, 100, -100, 0, 100, -100, 100, 100, 0, 100, 100, -100, 0, 100, 100]
W = [1, 2, 1, 3, 1, 1, 2, 2, 1, 1, 3, 1, 2, 1, 1, 2, 1, 1, 1, 2]
G = [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8]
ANSWERS = [{100: 10, 0: 7, -100: 2}[y] for y in Y]

SCRIPT = f"""
suppressMessages(library(survey)); options(digits=15)
d <- data.frame(y=c({str(Y)[1:-1]}), w=c({str(W)[1:-1]}), g=c({str(G)[1:-1]}))
d$dom <- d$g <= 5
a <- svymean(~y, svydesign(ids=~1, weights=~w, data=d))
b <- svydesign(ids=~g, weights=~w, data=d)
j <- as.svrepdesign(b, type="JK1", mse=TRUE)
cat(coef(a), SE(a), SE(svymean(~y, b)), SE(svymean(~y, j)), SE(svymean(~y, subset(j, dom))))
"""
# mean; SE linearised, clustered (Taylor), jackknife, jackknife of the domain g <= 5
REFERENCE = [
    23.3333333333333,
    24.3127767050806,
    22.6616863498438,
    22.6735124077640,
    27.61553790683414,
]


def ours() -> list[float]:
    cells = Cells.of_tallies(NPS, [Tally.of(ANSWERS, W)])
    clusters = ClusterTally.of(ANSWERS, G, NPS, W)
    inside = [g <= 5 for g in G]
    pick = np.flatnonzero(inside)
    domain = ClusterTally.of(np.array(ANSWERS)[pick], np.array(G)[pick], NPS, np.array(W)[pick])
    taylor = (
        clusters.clusters
        / (clusters.clusters - 1)
        * float((clusters.count * (clusters.T - cells.theta * clusters.W) ** 2).sum())
        / float((clusters.count * clusters.W).sum()) ** 2
    )
    return [
        float(cells.theta[0]),
        float(np.sqrt(cells.v_lin[0])),
        float(np.sqrt(taylor)),
        float(np.sqrt(Clustering.of(clusters).variance[0])),
        float(np.sqrt(Clustering.of(domain, in_frame=8).variance[0])),
    ]


def test_standard_errors_are_those_of_r_survey():
    assert ours() == pytest.approx(REFERENCE, rel=1e-12)


def test_standard_errors_are_those_of_r_survey_asked_live():
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    done = subprocess.run(["Rscript", "-e", SCRIPT], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("R's survey package is not installed")
    assert ours() == pytest.approx([float(x) for x in done.stdout.split()], rel=1e-12)


def test_api_schools_clustered_as_in_r_survey():
    # apiclus1 by district (JK1, mse = TRUE) with E = 100, M = 0, H = −100: 71.0382513661202,
    # SE 7.65442962750029. The histogram is one row a district.
    T = [1000, 3400, 100, 1000, 1300, 200, 100, 100, 800, 1400, 0, 700, 2700, 100, 100]
    size = [13, 34, 4, 13, 16, 2, 1, 4, 12, 21, 9, 11, 37, 2, 4]
    clusters = ClusterTally.merged(T, size, np.ones(15))
    assert clusters.clusters == 15
    assert float(Clustering.of(clusters).variance[0]) ** 0.5 == pytest.approx(
        7.65442962750029, rel=1e-12
    )
    estimate = score(Tally({2: 14, 7: 25, 10: 144}), clusters=clusters)
    assert estimate.value == pytest.approx(71.0382513661202)
    assert estimate.df == 14
    assert estimate.clusters == 15


@given(st.lists(st.integers(0, 10), min_size=1, max_size=50), st.floats(0.001, 1000))
def test_equal_weights_are_no_weights(values, weight):
    plain, weighted = score(Tally.of(values)), score(Tally.of(values, [weight] * len(values)))
    assert weighted.effective_base == pytest.approx(plain.effective_base, rel=1e-12)
    assert weighted.value == pytest.approx(plain.value, abs=1e-9)
    assert weighted.low == pytest.approx(plain.low, abs=1e-9)
    assert weighted.high == pytest.approx(plain.high, abs=1e-9)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=50), st.integers(1, 2_000_000))
def test_equal_whole_weights_give_the_very_same_figures(values, weight):
    plain = Tally.of(values)
    weighted = Tally(
        plain.n,
        {a: c * weight for a, c in plain.n.items()},
        {a: c * weight**2 for a, c in plain.n.items()},
    )
    assert score(weighted).effective_base == score(plain).effective_base == plain.base
    assert score(weighted).low == pytest.approx(score(plain).low, abs=1e-11)


@given(
    st.lists(st.tuples(st.integers(0, 10), st.floats(0.01, 100)), min_size=2, max_size=50),
    st.floats(0.01, 100),
)
def test_the_unit_of_weights_does_not_matter(rows, unit):
    values, weights = zip(*rows, strict=True)
    one = score(Tally.of(values, weights))
    other = score(Tally.of(values, [w * unit for w in weights]))
    assert other.low == pytest.approx(one.low, abs=1e-6)
    assert other.high == pytest.approx(one.high, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 10), st.floats(0.01, 100)), min_size=1, max_size=50))
def test_the_effective_base_is_never_more_than_kishs_nor_the_base(rows):
    values, weights = zip(*rows, strict=True)
    tally = Tally.of(values, weights)
    assert score(tally).effective_base <= tally.effective_base * (1 + 1e-9)
    assert tally.effective_base <= tally.base * (1 + 1e-9)


def test_uneven_weights_widen_the_interval():
    values = [9, 9, 8, 3, 10, 2, 9, 7] * 20
    weights = [1, 1, 1, 8] * 40
    assert score(Tally.of(values, weights)).effective_base < 80


def test_repeated_people_are_not_independent_answers():
    rng = np.random.default_rng(2)
    values = np.repeat(rng.choice([2, 7, 10], 50), 8)
    names = np.repeat(np.arange(50), 8)
    clustered = score(Tally.of(values), clusters=ClusterTally.of(values, names))
    assert clustered.effective_base == pytest.approx(50, rel=0.05)
    assert clustered.width > 2.5 * score(Tally.of(values)).width
    assert clustered.clusters == 50


def test_a_person_per_answer_is_nearly_no_clustering():
    values = np.random.default_rng(3).choice([2, 7, 10], 500)
    plain = score(Tally.of(values))
    clustered = score(Tally.of(values), clusters=ClusterTally.of(values, np.arange(500)))
    assert clustered.effective_base == pytest.approx(499)
    assert clustered.width == pytest.approx(plain.width, rel=0.005)


def test_one_account_cannot_show_its_own_precision():
    values = [9, 9, 3, 8]
    estimate = score(Tally.of(values), clusters=ClusterTally.of(values, ["a"] * 4))
    assert (estimate.low, estimate.high) == (-100, 100)
    assert "one cluster" in estimate.notes[0]


def test_accounts_that_all_agree_count_once_each():
    values = [9] * 40
    clusters = ClusterTally.of(values, [i % 4 for i in range(40)])
    assert score(Tally.of(values), clusters=clusters).effective_base == 4


def test_a_segment_is_a_domain_its_absent_clusters_stay_in_the_count():
    clusters = ClusterTally.of(ANSWERS[:13], G[:13])
    tally = Tally.of(ANSWERS[:13])
    filtered = Clustering.of(clusters)
    domain = Clustering.of(clusters, in_frame=8)
    # (G−1)/G over eight clusters of the frame, not over the five with a member.
    assert domain.variance[0] / filtered.variance[0] == pytest.approx((7 / 8) / (4 / 5))
    assert (
        score(tally, clusters=clusters, clusters_in_frame=8).effective_base
        <= score(tally, clusters=clusters).effective_base
    )
    with pytest.raises(BadInput):
        score(tally, clusters=clusters, clusters_in_frame=4)


def test_answers_without_their_clusters_are_refused():
    with pytest.raises(BadInput, match="empty"):
        score(Tally({9: 1}), clusters=ClusterTally([], [], []))
