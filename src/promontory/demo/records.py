"""What the demo company's other systems know: operational readings by week, outcomes by account.

They are written beside the answers (`demo/readings.csv`, `demo/outcomes.csv` in the home), with the
same truths in them: the outage shows in the availability of Cloud and in the minutes to a first
response, and accounts that think little of Northreach renew less often.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from promontory.demo import company, truths
from promontory.demo.answers import Ints, People, names

RENEWAL_AT_NEUTRAL = 0.86
RENEWAL_SLOPE = 1.1
"""By how much the log-odds of renewing rise with one standard deviation of an account's opinion."""


def readings(last: date, random: np.random.Generator) -> pa.Table:
    """Return availability and minutes to the first response, by week and product."""
    weeks = [last - timedelta(days=7 * back) for back in range(company.DAYS // 7)][::-1]
    rows: dict[str, list[object]] = {name: [] for name in ("week_ending", "product", "reading")}
    values: list[float] = []
    for week in weeks:
        back = (last - week).days
        is_down = truths.OUTAGE_TO < back + 3 <= truths.OUTAGE_FROM + 7
        for level in company.PRODUCTS:
            suffers = is_down and level.name == "Cloud"
            availability = 97.0 - 6 * random.random() if suffers else 99.99 - 0.2 * random.random()
            minutes = random.gamma(9, 20 if suffers else 4)
            for reading, value in (
                ("availability_percent", availability),
                ("minutes_to_first_response", minutes),
            ):
                rows["week_ending"].append(week.isoformat())
                rows["product"].append(level.name)
                rows["reading"].append(reading)
                values.append(round(float(value), 3))
    return pa.table({**rows, "value": values})


def outcomes(people: People, last: date, random: np.random.Generator) -> pa.Table:
    """Return for each account when its contract came up, whether it renewed, and its spend."""
    accounts, first = np.unique(people.account, return_index=True)
    counts = np.bincount(people.account)[accounts]
    opinion = np.bincount(people.account, people.opinion)[accounts] / counts
    odds = np.log(RENEWAL_AT_NEUTRAL / (1 - RENEWAL_AT_NEUTRAL))
    chance = 1 / (1 + np.exp(-(odds + RENEWAL_SLOPE * opinion / opinion.std())))
    renewed = random.random(len(accounts)) < chance
    back: Ints = random.integers(0, 365, len(accounts))
    spend = np.round(np.exp(random.normal(9.2, 0.8, len(accounts))), 2)
    return pa.table(
        {
            "account": [f"Account {account:04d}" for account in accounts],
            "due_on": [(last - timedelta(days=int(days))).isoformat() for days in back],
            "renewed": np.where(renewed, "yes", "no").tolist(),
            "yearly_spend": spend,
            "currency": ["EUR"] * len(accounts),
            "segment": names(company.SEGMENTS, people.segment[first]).tolist(),
        }
    )
