"""Star rating: 1–5; the score is the mean."""

from promontory.measurement.metrics.metric import Group, Metric

RATING = Metric(
    key="rating",
    name="Rating",
    code=5,
    points={answer: answer for answer in range(1, 6)},
    groups=(
        Group("low", "1–2 stars", (1, 2)),
        Group("middle", "3 stars", (3,)),
        Group("high", "4–5 stars", (4, 5)),
    ),
    decimals=2,
)
