"""Customer satisfaction: 1–5; the score is the percentage who answer 4 or 5."""

from promontory.measurement.metrics.metric import Group, Metric

CSAT = Metric(
    key="csat",
    name="Customer satisfaction",
    code=2,
    points={1: 0, 2: 0, 3: 0, 4: 100, 5: 100},
    groups=(
        Group("dissatisfied", "Dissatisfied", (1, 2)),
        Group("neutral", "Neutral", (3,)),
        Group("satisfied", "Satisfied", (4, 5)),
    ),
    unit="percentage points",
)
