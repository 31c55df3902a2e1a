"""The truths stand in the other systems' records too."""

from __future__ import annotations

from datetime import date

import numpy as np

from promontory.demo import answers, company, records, truths

LAST = date(2026, 6, 30)


def test_the_outage_shows_in_the_readings_of_cloud_alone() -> None:
    table = records.readings(LAST, np.random.default_rng(1)).to_pylist()
    availability = [row for row in table if row["reading"] == "availability_percent"]
    poor = [row for row in availability if row["value"] < 99]
    back = [(LAST - date.fromisoformat(row["week_ending"])).days for row in poor]
    assert {row["product"] for row in poor} == {"Cloud"}
    assert truths.OUTAGE_TO - 7 <= min(back) <= max(back) <= truths.OUTAGE_FROM + 7
    assert len(availability) == len(company.PRODUCTS) * (company.DAYS // 7)


def test_accounts_that_think_little_of_us_renew_less_often() -> None:
    people = answers.make_people(np.random.default_rng(company.SEED))
    table = records.outcomes(people, LAST, np.random.default_rng(2)).to_pylist()
    opinion = np.bincount(people.account, people.opinion) / np.maximum(
        np.bincount(people.account), 1
    )
    middle = np.median(opinion)
    renewed: dict[bool, list[bool]] = {True: [], False: []}
    for row in table:
        thinks_well = bool(opinion[int(row["account"].split()[1])] > middle)
        renewed[thinks_well].append(row["renewed"] == "yes")
    assert np.mean(renewed[True]) - np.mean(renewed[False]) > 0.08
