"""What a sample is allocated by: how far earlier answers spread, where there are enough of them."""

from __future__ import annotations

import pytest

from promontory.program.outreach.queries.spreads import spreads_of
from tests.program.scores.company import AT, Company


def test_the_spread_of_each_stratum_with_enough_answers(company: Company) -> None:
    company.answer("2026-08-03", 10, 20, region=1)
    company.answer("2026-08-03", 0, 20, region=1)
    company.answer("2026-08-03", 8, 40, region=2)
    company.answer("2026-08-03", 9, 5, region=3)
    company.seal()
    strata = [{"region": 1}, {"region": 2}, {"region": 3}, {"region": 4}]
    found = spreads_of(company.survey, strata, at=AT)
    assert found == pytest.approx({0: 100.0, 1: 0.0})


def test_without_answers_nothing_is_known(company: Company) -> None:
    assert spreads_of(company.survey, [{"region": 1}], at=AT) == {}
    assert spreads_of(company.survey, [{"nothing": 1}], at=AT) == {}
