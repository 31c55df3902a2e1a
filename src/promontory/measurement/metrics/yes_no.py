"""Yes or no (1 or 0): the score is the percentage of yes."""

from promontory.measurement.metrics.metric import Group, Metric

YES_NO = Metric(
    key="yes_no",
    name="Yes or no",
    code=4,
    points={0: 0, 1: 100},
    groups=(Group("no", "No", (0,)), Group("yes", "Yes", (1,))),
    unit="percentage points",
)
