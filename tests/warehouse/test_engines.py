"""One suite for every engine: the same questions, the same integers, counted apart in Python."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from promontory.errors import BadInput
from promontory.warehouse import (
    Clear,
    ClusteredCells,
    Engine,
    Facts,
    In,
    Periods,
    Question,
    Range,
    ask,
    open_engine,
)
from promontory.warehouse.engines.loaded import LoadedEngine
from promontory.warehouse.upkeep import compact
from tests import postgres
from tests.warehouse.sample import (
    NPS,
    POINTS,
    batch,
    company,
    day,
    found,
    recount,
    recount_clusters,
)

EARLY = company(700)
LATE = company(500, seed=8, start=EARLY[-1]["position"] + 1, attributes=("a12",))
ROWS = EARLY + LATE
LAST = ROWS[-1]["position"]

PLAIN = {
    "everything": Question(NPS),
    "by month and segment": Question(NPS, by=("month", "a1")),
    "by quarter": Question(NPS, by=("quarter", "survey")),
    "by year": Question(NPS, by=("year",)),
    "by week": Question(NPS, by=("week", "channel")),
    "by day": Question(NPS, by=("day",), where=(In("metric", (0,)),)),
    "by an attribute that came late": Question(NPS, by=("a12",)),
    "where a late attribute is missing": Question(NPS, by=("a1",), where=(In("a12", (0,)),)),
    "where a late attribute is given": Question(NPS, where=(In("a12", (1, 2)),)),
    "one unit in a stretch of days": Question(
        NPS, where=(In("unit", (2,)), Range("day", day("2025-01-10"), day("2025-02-20")))
    ),
    "from a day on": Question(NPS, where=(Range("day", day("2025-04-01"), None),)),
    "two periods": Question(
        NPS,
        by=(
            Periods(
                ((day("2024-12-01"), day("2025-01-15")), (day("2025-02-01"), day("2025-02-09")))
            ),
            "a1",
        ),
    ),
    "scattered answers": Question((0, 5, 10), by=("survey",)),
    "by answers of no score too": Question((-1, 0, 1)),
    "some exclusions remove": Question(NPS, by=("mask",), excluding=2),
    "no exclusion removes": Question(NPS, excluding=0),
    "a mask as a filter": Question(NPS, excluding=0, where=(Clear("mask", 1),)),
    "weighted": Question(NPS, by=("survey",), weighted=True),
    "nothing there": Question(NPS, by=("a1",), where=(In("survey", (99,)),)),
    "an attribute nobody has": Question(NPS, by=("a77",)),
}
CLUSTERED = {
    "people": Question(NPS, cluster="person", points=POINTS),
    "people by month": Question(NPS, by=("month", "a1"), cluster="person", points=POINTS),
    "accounts by quarter": Question(NPS, by=("quarter",), cluster="account", points=POINTS),
    "accounts over two periods": Question(
        NPS,
        by=(
            Periods(
                ((day("2024-12-01"), day("2025-01-15")), (day("2025-02-01"), day("2025-06-01")))
            ),
        ),
        cluster="account",
        points=POINTS,
    ),
    "weighted people": Question(NPS, cluster="person", points=POINTS, weighted=True),
    "people with weighted cells": Question(
        NPS,
        by=("survey",),
        cluster="person",
        points=POINTS,
        weighted=True,
        factors={0: 1_500_000, 2: 800_000},
    ),
}
POSITIONS = (None, 1, EARLY[-1]["position"] // 2, EARLY[-1]["position"], LAST - 30, LAST)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Three appends; one month of the first is compacted with the second."""
    made = Facts(tmp_path_factory.mktemp("facts"))
    half = EARLY[len(EARLY) // 2]["position"]
    made.append([batch(row for row in EARLY if row["position"] <= half)], half)
    made.append([batch(EARLY)], EARLY[-1]["position"])
    compact(made)
    made.append([batch(LATE[:250]), batch(LATE[250:])], LAST)
    return made


def _duckdb(facts: Facts, _folder: Path) -> Iterator[Engine]:
    yield open_engine("duckdb://?threads=2&memory=500MB", facts)


def _postgresql(facts: Facts, _folder: Path) -> Iterator[Engine]:
    name = f"warehouse_{uuid.uuid4().hex}"
    yield open_engine(postgres.server().create_database(name), facts)
    postgres.server().drop_database(name)


def _chdb(facts: Facts, folder: Path) -> Iterator[Engine]:
    pytest.importorskip("chdb", reason="chdb is not installed: install the group “test”")
    yield open_engine(f"chdb://{folder}", facts)


def _spark(facts: Facts, _folder: Path) -> Iterator[Engine]:
    pytest.importorskip("pyspark", reason="Spark is not installed: install the extra “spark”")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: apt-get install default-jre-headless")
    yield open_engine("spark://local", facts)


OPENERS = {
    "duckdb": _duckdb,
    "postgresql": pytest.param(_postgresql, marks=pytest.mark.postgres),
    "chdb": _chdb,
    "spark": pytest.param(_spark, marks=pytest.mark.slow),
}


@pytest.fixture(scope="module", params=OPENERS.values(), ids=OPENERS.keys())
def engine(
    request: pytest.FixtureRequest, facts: Facts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    opened = request.param(facts, tmp_path_factory.mktemp("engine"))
    made = next(opened)
    if isinstance(made, LoadedEngine):
        made.load()
    yield made
    made.close()
    next(opened, None)


@pytest.mark.parametrize("name", PLAIN)
def test_counts_answers_exactly(engine: Engine, name: str) -> None:
    asked = [replace(PLAIN[name], as_of=position) for position in POSITIONS]

    for question, answer in zip(asked, ask(engine, asked), strict=True):
        assert found(answer.table) == recount(ROWS, question)
        assert answer.position == (question.as_of or LAST)


@pytest.mark.parametrize("name", CLUSTERED)
def test_counts_clusters_exactly(engine: Engine, name: str) -> None:
    asked = [replace(CLUSTERED[name], as_of=position) for position in POSITIONS]

    for question, answer in zip(asked, ask(engine, asked), strict=True):
        assert isinstance(answer, ClusteredCells)
        assert found(answer.table) == recount_clusters(ROWS, question)


def test_refuses_a_position_it_has_not_reached(engine: Engine) -> None:
    with pytest.raises(BadInput, match=f"up to {LAST}, not {LAST + 1}"):
        ask(engine, [Question(NPS, as_of=LAST + 1)])


def test_refuses_a_column_that_facts_do_not_have(engine: Engine) -> None:
    with pytest.raises(BadInput, match="no column “verbatim”"):
        ask(engine, [Question(NPS, by=("verbatim",))])
