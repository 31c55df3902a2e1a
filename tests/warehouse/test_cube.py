"""The day cube answers with the same integers as the facts, whatever was added after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promontory.errors import BadInput
from promontory.warehouse import Cells, Engine, Facts, In, Question, ask, open_engine
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


def test_a_new_cube_takes_the_place_of_the_old(facts: Facts) -> None:
    engine = cubed(facts, "a1")
    ask(engine, [Question(NPS)])

    build_cube(facts, ["a1"])

    [cells] = ask(engine, [Question(NPS, as_of=LAST)])
    assert isinstance(cells, Cells)
    assert cells.source == "cube"
    assert len(list(facts.folder.glob("*.cells"))) == 1


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
