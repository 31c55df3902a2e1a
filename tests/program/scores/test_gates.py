"""Nobody who may not read the answers can work out what few people said."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pytest

from promontory.errors import BadInput, NotAllowed
from promontory.program.scores.queries.explore import explore
from promontory.program.scores.queries.overview import overview
from promontory.program.scores.rules.periods import read_period
from promontory.program.scores.rules.view import View
from tests.program.scores.company import AT, PLANS, REGIONS, Company, viewer

BOB = viewer("executive")
ALICE = viewer("analyst")
MONTHS = ("2025-12", "2026-06", "2026-07", "2026-08")
PERIODS = (*MONTHS, "2025-Q4", "2026-Q2", "2026-Q3", "2025", "2026", None)
SMALLEST = 5


class Atom(NamedTuple):
    """The finest cell there is."""

    month: str
    region: int
    plan: int


ATOMS = [Atom(*each) for each in itertools.product(MONTHS, REGIONS, PLANS)]


def planted(company: Company, seed: int, mean: float) -> dict[Atom, int]:
    random = np.random.default_rng(seed)
    counts = {atom: int(random.poisson(mean)) for atom in ATOMS}
    for atom, count in counts.items():
        for answer in random.integers(0, 11, count).tolist():
            company.answer(f"{atom.month}-10", answer, region=atom.region, plan=atom.plan)
    company.seal("2026-08-31")
    return counts


def views() -> list[tuple[View, str | None]]:
    """Every view that the gate lets through, by period."""
    periods = PERIODS
    slices = [(), ("region",), ("plan",), ("region", "plan")]
    filters = [
        (),
        *((("region", (code,)),) for code in REGIONS),
        *((("plan", (code,)),) for code in PLANS),
    ]
    return [
        (
            View(
                period=read_period(period) if period else None,
                everything=period is None,
                by=by,
                where=where,
            ),
            period,
        )
        for period, by, where in itertools.product(periods, slices, filters)
        if not ({key for key, _ in where} & {*by})
    ]


def equation(period: str | None, cell: dict[str, int]) -> np.ndarray:
    """Which atoms a figure adds up."""
    return np.array(
        [
            (period is None or read_period(period).overlaps(read_period(atom.month)))
            and all(getattr(atom, key) == code for key, code in cell.items())
            for atom in ATOMS
        ],
        dtype=float,
    )


@pytest.mark.parametrize(("seed", "mean"), [(1, 4), (2, 7), (3, 2)])
def test_no_sum_or_difference_of_figures_gives_few_people_away(
    company: Company, seed: int, mean: float
) -> None:
    counts = planted(company, seed, mean)
    people = np.array([counts[atom] for atom in ATOMS], dtype=float)
    known, shown = [], 0
    for view, period in views():
        found = explore(BOB, view, at=AT)
        filters = {key: codes[0] for key, codes in view.where}
        figures = [(found.total, {})]
        figures += [(c.figure, dict(zip(view.by, c.key, strict=True))) for c in found.cells]
        if len(view.by) == 2:
            for position, cells in ((0, found.rows), (1, found.columns)):
                figures += [(c.figure, {view.by[position]: c.key[0]}) for c in cells]
        for figure, cell in figures:
            if figure.withheld:
                assert figure.estimate is None
                continue
            row = equation(period, filters | cell)
            assert figure.base == row @ people
            known.append(row)
            shown += 1
        for point in found.course.points:
            if not point.figure.withheld and point.period.text in MONTHS:
                known.append(equation(point.period.text, filters))
    assert shown > 10
    # Empty atoms are public: the missing row of a table says that nobody is there.
    known += [row for row, count in zip(np.eye(len(ATOMS)), people, strict=True) if not count]
    system = np.array(known)
    rank = np.linalg.matrix_rank(system)
    for period in PERIODS:
        for cell in cells_of_interest():
            target = equation(period, cell)
            if 0 < target @ people < SMALLEST:
                solved = np.linalg.matrix_rank(np.vstack([system, target])) == rank
                assert not solved, (period, cell, target @ people)


def cells_of_interest() -> list[dict[str, int]]:
    regions = [{"region": code} for code in REGIONS]
    plans = [{"plan": code} for code in PLANS]
    both = [r | p for r in regions for p in plans]
    return [{}, *regions, *plans, *both]


def test_an_analyst_of_an_identified_survey_sees_all_and_an_executive_does_not(
    identified: Company,
) -> None:
    identified.answer("2026-07-10", 9, 3, region=1)
    identified.answer("2026-07-10", 9, 40, region=2)
    identified.seal("2026-07-31")
    view = View(period=read_period("2026-07"), by=("region",))

    alice, bob = explore(ALICE, view, at=AT), explore(BOB, view, at=AT)

    assert [cell.figure.base for cell in alice.cells] == [3, 40]
    # The big one goes with the small one: the total less it would be the small one.
    assert [cell.figure.standing for cell in bob.cells] == ["withheld", "withheld"]
    assert bob.total.base == 43


def test_an_anonymous_survey_is_gated_for_everybody(company: Company) -> None:
    company.survey.promise = "anonymous"
    company.survey.save()
    company.answer("2026-07-10", 9, 3)
    company.seal("2026-07-31")

    found = overview(viewer("administrator"), View(), at=AT)

    assert found.headline is not None and found.headline.withheld
    assert found.tally is None


@pytest.mark.parametrize(
    ("view", "refusal"),
    [
        (View(by=("hobby",)), NotAllowed),
        (View(by=("region",), where=(("plan", (1, 2)),)), NotAllowed),
        (View(period=read_period("2026-07-01..2026-07-09")), BadInput),
        (View(period=read_period("2026-W30")), BadInput),
        (View(period=read_period("2026-07"), against="2026-W30"), BadInput),
        (View(grain="week"), BadInput),
        (View(against="2026-07-01..2026-07-09"), BadInput),
        (View(by=("region", "plan"), where=(("channel", (1,)),)), NotAllowed),
    ],
)
def test_what_could_be_subtracted_is_refused(
    company: Company, view: View, refusal: type[Exception]
) -> None:
    company.answer("2026-07-10", 9, 40, region=1, plan=1, hobby=1, channel=1)
    company.seal("2026-07-31")

    with pytest.raises(refusal):
        explore(BOB, view, at=AT)


def test_today_is_seen_tomorrow_and_one_newcomer_is_never_seen_alone(company: Company) -> None:
    view = View(period=read_period("2026-07"))
    company.answer("2026-07-10", 9, 40)
    company.seal("2026-09-11")
    company.answer("2026-07-11", 0, 6)
    company.seal("2026-09-12")
    remembered = company.position
    company.answer("2026-07-11", 0, 1)
    company.seal("2026-09-13")

    def seen_on(day: int, at: int | None = None) -> object:
        total = explore(BOB, view.but(at=at), at=AT.replace(day=day)).total
        return "withheld" if total.withheld else total.base

    assert seen_on(12) == 40
    assert seen_on(13) == 46
    assert seen_on(14) == "withheld"
    # Nor does an old position bring back what may be set against the new one.
    assert seen_on(14, at=remembered) == 0


def test_a_person_answering_often_is_one_person(company: Company) -> None:
    company.answer("2026-07-10", 0, 30, region=1, person=7)
    company.answer("2026-07-10", 9, 40, region=2)
    company.seal("2026-07-31")

    found = explore(BOB, View(period=read_period("2026-07"), by=("region",)), at=AT)

    assert [cell.figure.standing for cell in found.cells] == ["withheld", "withheld"]


def test_one_person_of_many_years_is_one_person(company: Company) -> None:
    for year in range(2018, 2026):
        company.answer(f"{year}-07-10", 0, region=1, person=7)
        company.answer(f"{year}-07-10", 9, 40, region=2)
    company.seal("2026-07-31")

    found = explore(BOB, View(everything=True, by=("region",)), at=AT)

    assert found.cells[0].figure.standing == "withheld"


def test_a_unit_sees_its_own_answers_only(identified: Company) -> None:
    identified.answer("2026-07-10", 9, 40, unit=1)
    identified.answer("2026-07-10", 0, 60, unit=2)
    identified.answer("2026-07-10", 0, 5)
    identified.seal("2026-07-31")
    view = View(period=read_period("2026-07"))

    assert explore(viewer("analyst", [1]), view, at=AT).total.base == 40
    assert explore(viewer("analyst", []), view, at=AT).total.standing == "empty"
    assert explore(ALICE, view, at=AT).total.base == 105


def test_charlie_from_outside_sees_nothing(company: Company) -> None:
    charlie = viewer("executive")
    nobody = type(charlie)(user_id=None, name="nobody", can=frozenset(), units=frozenset())

    with pytest.raises(NotAllowed):
        explore(nobody, View(), at=AT)
