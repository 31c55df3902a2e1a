"""The day cube answers with the same integers as the facts, whatever was added after it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from promontory.errors import BadInput
from promontory.warehouse import (
    Cells,
    Engine,
    Facts,
    In,
    Question,
    ask,
    cube,
    cubefile,
    open_engine,
)
from promontory.warehouse.cubefile import build_cube
from promontory.warehouse.upkeep import compact, rewrite_months
from tests.warehouse.sample import NPS, POINTS, Row, batch, company, exclusion, found, recount
from tests.warehouse.test_engines import PLAIN

BEFORE = company(600, seed=3)
SEALED = BEFORE[-1]["position"]
GONE = next(row for row in BEFORE if row["mask"] == 0 and row["answer"] >= 0)
AFTER = exclusion(SEALED + 1, GONE, 4) + company(200, seed=4, start=SEALED + 2)
LAST = AFTER[-1]["position"]


def cubed(folder: Facts, *dimensions: str) -> Engine:
    """Return an engine over the company with a cube at `SEALED`, and the rest appended."""
    folder.append([batch(BEFORE)], SEALED)
    build_cube(folder, dimensions)
    folder.append([batch(AFTER)], LAST)
    return open_engine("duckdb://", folder)


@pytest.fixture
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return Facts(tmp_path_factory.mktemp("cube"))


def test_answers_every_plain_question_like_the_facts(facts: Facts) -> None:
    engine = cubed(facts, "a1", "a12", "a77")

    for question in PLAIN.values():
        for as_of in (None, SEALED, SEALED + 1, LAST - 20):
            asked = replace(question, as_of=as_of)
            [cells] = ask(engine, [asked])
            assert isinstance(cells, Cells)
            assert cells.source == "cube"
            assert found(cells.table) == recount(BEFORE + AFTER, asked)


@pytest.mark.parametrize(
    "question",
    [
        Question(NPS, as_of=SEALED - 1),
        Question(NPS, by=("a12",)),
        Question(NPS, where=(In("person", (0,)),)),
    ],
    ids=["an older position", "an undeclared dimension", "a filter on people"],
)
def test_leaves_the_rest_to_the_facts(facts: Facts, question: Question) -> None:
    [cells] = ask(cubed(facts, "a1"), [question])

    assert isinstance(cells, Cells)
    assert cells.source == "facts"
    assert found(cells.table) == recount(BEFORE + AFTER, question)


def test_clusters_are_always_asked_of_the_facts(facts: Facts) -> None:
    question = Question(NPS, cluster="person", points=POINTS)

    [with_cube] = ask(cubed(facts, "a1"), [question])

    assert "T" in with_cube.table.schema.names


def test_outlives_compaction_and_erasure_of_undeclared_attributes(facts: Facts) -> None:
    engine = cubed(facts, "a1")
    compact(facts)
    rewrite_months(facts, [row["response"] for row in BEFORE[:40]], ["a12"])

    [cells] = ask(engine, [Question(NPS, by=("month", "a1"))])

    assert isinstance(cells, Cells)
    assert cells.source == "cube"
    assert found(cells.table) == recount(BEFORE + AFTER, Question(NPS, by=("month", "a1")))


def test_roll_ups_made_with_the_cube_answer_by_day(facts: Facts) -> None:
    rng = random.Random(5)
    rows: list[Row] = [
        {
            **GONE,
            "position": place,
            "response": place,
            "sign": 1,
            "day": rng.randrange(20_000, 20_009),
            "answer": rng.randrange(11),
            "a1": rng.randrange(3),
            "channel": rng.randrange(3),
            "unit": rng.randrange(4),
        }
        for place in range(1, 3001)
    ]
    facts.append([batch(rows)], 3000)
    build_cube(facts, ["a1"])
    engine, made = open_engine("duckdb://", facts), facts.manifest().cube
    assert made is not None
    kept = {(grain, frozenset(columns)) for grain, columns in made["rollups"]}
    asked = [
        Question(NPS, by=("day", "a1"), where=(In("channel", (1,)),)),
        Question(NPS, by=("week", "unit")),
        Question(NPS, by=("day",), excluding=4),
    ]

    assert ("day", cubefile.CORE | {"a1"}) in kept
    for question, cells in zip(asked, ask(engine, asked), strict=True):
        assert isinstance(cells, Cells)
        assert cells.source == "cube"
        assert found(cells.table) == recount(rows, question)


@pytest.mark.parametrize("few", [0, 1 << 30], ids=["rolled up first", "sliced at once"])
def test_slices_are_the_same_however_they_are_made(
    facts: Facts, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(cube, "FEW", few)
    engine = cubed(facts, "a1", "a12", "a77")

    for question, cells in zip(PLAIN.values(), ask(engine, [*PLAIN.values()]), strict=True):
        assert found(cells.table) == recount(BEFORE + AFTER, question)


def test_a_cube_of_an_earlier_layout_is_passed_over(facts: Facts) -> None:
    engine = cubed(facts, "a1")
    with facts.refreshing() as manifest:
        assert manifest.cube is not None
        earlier = {key: what for key, what in manifest.cube.items() if key != "rollups"}
        facts.publish(manifest, manifest.files, cube=earlier)

    [cells] = ask(engine, [Question(NPS)])

    assert isinstance(cells, Cells)
    assert cells.source == "facts"
    assert found(cells.table) == recount(BEFORE + AFTER, Question(NPS))


def test_a_new_cube_takes_the_place_of_the_old(facts: Facts) -> None:
    engine = cubed(facts, "a1")
    ask(engine, [Question(NPS)])

    build_cube(facts, ["a1"])

    [cells] = ask(engine, [Question(NPS, as_of=LAST)])
    assert isinstance(cells, Cells)
    assert cells.source == "cube"
    assert {path.name for path in facts.folder.glob("*.c*")} == facts.manifest().derived


def test_an_empty_warehouse_has_no_cube(facts: Facts) -> None:
    build_cube(facts, ["a1"])

    [cells] = ask(open_engine("duckdb://", facts), [Question(NPS)])

    assert cells.table.num_rows == 0


def test_a_cube_of_cells_that_cancel_is_empty(facts: Facts) -> None:
    rows: list[Row] = [{**GONE, "position": 1, "sign": 1}, {**GONE, "position": 2, "sign": -1}]
    facts.append([batch(rows)], 2)
    build_cube(facts, ["a1"])

    [cells] = ask(open_engine("duckdb://", facts), [Question(NPS, by=("week", "a1"))])

    assert cells.table.num_rows == 0


def test_refuses_dimensions_that_are_not_attributes(facts: Facts) -> None:
    with pytest.raises(BadInput, match="attribute columns"):
        build_cube(facts, ["person"])
