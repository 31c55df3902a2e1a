"""Numbers: tallies, metrics, estimates. Pure: plain values in, frozen values out; NumPy only.

>>> from promontory.measurement import Tally, score
>>> score(Tally({10: 40, 8: 30, 3: 30})).text()
'10.0 (−6.5 to 25.9), n = 100'
"""

from promontory.measurement import metrics
from promontory.measurement.clusters import ClusterTally
from promontory.measurement.estimate import Estimate
from promontory.measurement.inference.difference import (
    Difference,
    Differences,
    difference,
    difference_many,
)
from promontory.measurement.inference.effective import Clustering, jackknife
from promontory.measurement.inference.one_score import Estimates, score, score_many
from promontory.measurement.metrics import CES, CSAT, NPS, RATING, YES_NO, Metric
from promontory.measurement.tally import Tally

__all__ = [
    "CES",
    "CSAT",
    "NPS",
    "RATING",
    "YES_NO",
    "ClusterTally",
    "Clustering",
    "Difference",
    "Differences",
    "Estimate",
    "Estimates",
    "Metric",
    "Tally",
    "difference",
    "difference_many",
    "jackknife",
    "metrics",
    "score",
    "score_many",
]
