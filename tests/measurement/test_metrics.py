"""A metric is a table of points."""

from __future__ import annotations

import pytest

from promontory.errors import BadInput
from promontory.measurement import NPS, Metric, Tally, metrics, score
from promontory.measurement.metrics import Group


def test_promoters_passives_detractors_have_these_answers():
    groups = {group.key: group.answers for group in NPS.groups}
    assert groups == {
        "detractor": (0, 1, 2, 3, 4, 5, 6),
        "passive": (7, 8),
        "promoter": (9, 10),
    }
    assert NPS.group_of(5).key == NPS.group_of(6).key == "detractor"


@pytest.mark.parametrize("key", metrics.keys())
def test_every_metric_partitions_its_scale_and_keeps_its_bounds(key):
    metric = metrics.get(key)
    assert metrics.of_code(metric.code) is metric
    low, high = metric.scale
    assert metric.answers == tuple(range(low, high + 1))
    for answer in metric.answers:
        estimate = score(Tally({answer: 4}), metric)
        assert estimate.value == metric.points[answer]
        assert metric.bounds[0] <= estimate.low <= estimate.high <= metric.bounds[1]


def test_codes_are_never_shared():
    codes = [metric.code for metric in metrics.registry.values()]
    assert len(set(codes)) == len(codes)


def test_an_unknown_metric_is_refused_with_those_known():
    with pytest.raises(BadInput, match="Known: nps, csat"):
        metrics.get("nsp")


def test_a_new_metric_inherits_everything():
    thumbs = Metric(
        "thumbs", "Thumbs", 99, {-1: -1, 1: 1}, (Group("d", "Down", (-1,)), Group("u", "Up", (1,)))
    )
    estimate = score(Tally({-1: 10, 1: 30}), thumbs)
    assert estimate.value == 0.5
    assert estimate.low < 0.5 < estimate.high


def test_a_metric_whose_groups_leave_a_hole_cannot_be_made():
    with pytest.raises(ValueError, match="partition"):
        Metric("x", "X", 98, {0: 0, 1: 1}, (Group("a", "A", (0,)),))
    with pytest.raises(ValueError, match="same points"):
        Metric("x", "X", 98, {0: 1, 1: 1}, (Group("a", "A", (0, 1)),))
