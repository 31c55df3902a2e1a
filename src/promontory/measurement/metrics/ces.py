"""Customer effort ("they made it easy"), 1–7 from disagree to agree; the score is the mean."""

from promontory.measurement.metrics.metric import Group, Metric

CES = Metric(
    key="ces",
    name="Customer effort score",
    code=3,
    points={answer: answer for answer in range(1, 8)},
    groups=(
        Group("hard", "Hard", (1, 2, 3)),
        Group("neither", "Neither", (4,)),
        Group("easy", "Easy", (5, 6, 7)),
    ),
    decimals=2,
)
