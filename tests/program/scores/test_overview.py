"""The overview says what was planted, exactly."""

from __future__ import annotations

import pytest

from promontory.measurement import Difference, Estimate, Tally, difference, score
from promontory.program.scores.queries.overview import overview
from promontory.program.scores.rules.view import View
from tests.program.scores.company import AT, Company, viewer

ANALYST = viewer("analyst")


def figures(one: Estimate | Difference | None) -> tuple[float | None, ...]:
    """Rounded: sums of doubles may differ in their last bit with the number of rows around."""
    assert one is not None
    return tuple(None if f is None else round(f, 9) for f in (one.value, one.low, one.high))


def month(company: Company, on: str, promoters: int, passives: int, detractors: int) -> None:
    company.answer(on, 10, promoters)
    company.answer(on, 7, passives)
    company.answer(on, 2, detractors)


def test_the_headline_is_the_latest_month_that_has_ended(identified: Company) -> None:
    month(identified, "2026-07-10", 30, 20, 50)
    month(identified, "2026-08-10", 70, 20, 10)
    month(identified, "2026-09-02", 5, 0, 0)
    identified.seal()

    found = overview(ANALYST, View(), at=AT)

    assert found.headline is not None
    assert found.headline.label == "August 2026"
    assert figures(found.headline.estimate) == figures(score(Tally({10: 70, 7: 20, 2: 10})))
    assert found.headline.position == identified.position
    assert found.previous is not None
    change = difference(Tally({10: 30, 7: 20, 2: 50}), Tally({10: 70, 7: 20, 2: 10}))
    assert figures(found.previous.difference) == figures(change)
    assert found.course.points[-1].figure.standing == "incomplete"
    assert found.sentence.startswith("Up 80.0 points since July 2026 (")


def test_nobody_has_answered_is_not_a_zero(identified: Company) -> None:
    found = overview(ANALYST, View(), at=AT)

    assert found.headline is None
    assert found.sentence == "Nobody has answered yet."


def test_repeated_people_widen_the_interval(identified: Company) -> None:
    for person in range(20):
        identified.answer("2026-08-10", 10 if person % 2 else 0, 5, person=person + 1)
    identified.seal()

    found = overview(ANALYST, View(), at=AT)

    assert found.source.cluster == "person"
    estimate = found.headline and found.headline.estimate
    plain = score(Tally({0: 50, 10: 50}))
    assert estimate is not None and estimate.value == plain.value == 0.0
    assert estimate.clusters is None or estimate.clusters == 20
    assert estimate.width is not None and plain.width is not None
    assert estimate.width > 2 * plain.width


def test_segments_that_moved_are_found_and_the_quiet_ones_are_not(identified: Company) -> None:
    for on, north in (("2026-07-10", 0), ("2026-08-10", 60)):
        for region in (1, 2, 3):
            good = 20 + (north if region == 1 else 0)
            identified.answer(on, 10, good, region=region)
            identified.answer(on, 3, 100 - good, region=region)
    identified.seal()

    found = overview(ANALYST, View(), at=AT)

    assert found.moves is not None
    assert [move.label for move in found.moves.found] == ["North"]
    assert found.moves.compared == 3


def test_every_segment_rises_while_the_total_falls(identified: Company) -> None:
    plan = {("2026-07-10", 1): (90, 10), ("2026-07-10", 2): (10, 10),
            ("2026-08-10", 1): (19, 1), ("2026-08-10", 2): (56, 44)}  # fmt: skip
    for (on, code), (good, bad) in plan.items():
        identified.answer(on, 10, good, plan=code)
        identified.answer(on, 0, bad, plan=code)
    identified.seal()

    found = overview(ANALYST, View(), at=AT)

    assert found.moves is not None
    [mix] = found.moves.mixes
    assert mix.explanation.paradox == "rose"
    assert mix.explanation.total.value is not None and mix.explanation.total.value < 0


@pytest.mark.parametrize("kind", ["account", "person"])
def test_an_as_of_position_gives_the_old_number(identified: Company, kind: str) -> None:
    for group in range(10):
        identified.answer("2026-08-10", 10, 2, **{kind: group + 1})
    identified.seal()
    before = identified.position
    identified.answer("2026-08-11", 0, 40)
    identified.seal()

    then = overview(ANALYST, View(at=before), at=AT).headline
    now = overview(ANALYST, View(), at=AT).headline

    assert then is not None and now is not None
    assert then.estimate is not None and then.estimate.value == 100.0
    assert (then.base, now.base) == (20, 60)
