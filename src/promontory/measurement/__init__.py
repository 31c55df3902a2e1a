"""Numbers: tallies, metrics, estimates. Pure: plain values in, frozen values out; NumPy only.

>>> from promontory.measurement import Tally, score
>>> score(Tally({10: 40, 8: 30, 3: 30})).text()
'10.0 (−6.5 to 25.9), n = 100'
"""

from promontory.measurement import gates, metrics, sampling, series
from promontory.measurement.clusters import ClusterTally
from promontory.measurement.decomposition import (
    Effect,
    Explanation,
    SegmentChange,
    explain_change,
)
from promontory.measurement.estimate import Estimate, number
from promontory.measurement.inference.alerts import Alert, alert
from promontory.measurement.inference.difference import (
    Difference,
    Differences,
    difference,
    difference_many,
)
from promontory.measurement.inference.effective import Clustering, jackknife
from promontory.measurement.inference.multiplicity import benjamini_hochberg
from promontory.measurement.inference.one_score import METHODS, Estimates, score, score_many
from promontory.measurement.inference.paired import PairTally, paired_difference
from promontory.measurement.inference.proportions import group_shares, share
from promontory.measurement.inference.sequential import Look, sequential
from promontory.measurement.metrics import CES, CSAT, NPS, RATING, YES_NO, Metric
from promontory.measurement.mixshift import ClusterSegments
from promontory.measurement.shrinkage import Shrinkage, Shrunk, shrink
from promontory.measurement.tally import Tally
from promontory.measurement.tiering import Placed, Tier, tiers

__all__ = [
    "CES",
    "CSAT",
    "METHODS",
    "NPS",
    "RATING",
    "YES_NO",
    "Alert",
    "ClusterSegments",
    "ClusterTally",
    "Clustering",
    "Difference",
    "Differences",
    "Effect",
    "Estimate",
    "Estimates",
    "Explanation",
    "Look",
    "Metric",
    "PairTally",
    "Placed",
    "SegmentChange",
    "Shrinkage",
    "Shrunk",
    "Tally",
    "Tier",
    "alert",
    "benjamini_hochberg",
    "difference",
    "difference_many",
    "explain_change",
    "gates",
    "group_shares",
    "jackknife",
    "metrics",
    "number",
    "paired_difference",
    "sampling",
    "score",
    "score_many",
    "sequential",
    "series",
    "share",
    "shrink",
    "tiers",
]
