"""Net Promoter Score: 0–10; detractors 0–6, passives 7–8, promoters 9–10.

5 and 6 are detractors; "neutral" (5 and 6) may be shown as a labelled band, never as a class.
"""

from promontory.measurement.metrics.metric import Group, Metric

NPS = Metric(
    key="nps",
    name="Net Promoter Score",
    code=1,
    points={**dict.fromkeys(range(7), -100), 7: 0, 8: 0, 9: 100, 10: 100},
    groups=(
        Group("detractor", "Detractors", (0, 1, 2, 3, 4, 5, 6)),
        Group("passive", "Passives", (7, 8)),
        Group("promoter", "Promoters", (9, 10)),
    ),
)
