"""Clusters counted in memory are the clusters the engine counts, to the last integer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from promontory.warehouse import ClusteredCells, Facts, Question, ask, clusters, open_engine
from promontory.warehouse.clusterfile import number_clusters
from promontory.warehouse.upkeep import compact
from tests.warehouse.sample import NPS, POINTS, Row, batch, company, found, recount_clusters
from tests.warehouse.test_engines import CLUSTERED, LATE, POSITIONS, ROWS

CES = {answer: answer for answer in range(1, 8)}


@pytest.fixture
def counted_in_memory(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let no question be too small; the list tells how many rows each answer had."""
    answered: list[int] = []
    real = clusters.count_clusters

    def watched(facts: Facts, plan: clusters.Plan) -> object:
        table = real(facts, plan)
        if table is not None:
            answered.append(table.num_rows)
        return table

    monkeypatch.setattr(clusters, "FEWEST", 0)
    monkeypatch.setattr("promontory.warehouse.counts.count_clusters", watched)
    return answered


@pytest.mark.parametrize("numbered", ["never", "early", "whole"])
@pytest.mark.parametrize("by_address", [1 << 24, 0], ids=["by address", "by sorting"])
def test_every_unweighted_question_is_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counted_in_memory: list[int],
    by_address: int,
    numbered: str,
) -> None:
    monkeypatch.setattr(clusters, "BY_ADDRESS", by_address)
    monkeypatch.setattr(clusters, "DENSE", 1 << 24)
    facts = Facts(tmp_path)
    facts.append([batch(ROWS[:300])], ROWS[299]["position"])
    if numbered == "early":
        number_clusters(facts)
    facts.append([batch(ROWS)], ROWS[-1]["position"])
    if numbered == "whole":
        number_clusters(facts)
    unweighted = [question for question in CLUSTERED.values() if not question.weighted]
    more = [
        Question(NPS, by=("week", "a12"), cluster="person", points=POINTS),
        Question(NPS, by=("year", "channel"), cluster="account", points=POINTS),
        Question(tuple(CES), by=("a1", "month"), cluster="person", points=CES),
        Question((0, 7), by=("day",), cluster="person", points={0: 0, 7: 0}),
    ]
    asked = [
        replace(question, as_of=position)
        for question in unweighted + more
        for position in POSITIONS
    ]

    for question, cells in zip(asked, ask(open_engine("duckdb://", facts), asked), strict=True):
        assert isinstance(cells, ClusteredCells)
        assert found(cells.table) == recount_clusters(ROWS, question)
    assert len(counted_in_memory) == len(asked)


def test_numbers_are_kept_and_follow_what_is_added_and_merged(
    tmp_path: Path, counted_in_memory: list[int]
) -> None:
    facts, question = Facts(tmp_path), Question(NPS, cluster="person", points=POINTS)
    engine = open_engine("duckdb://", facts)

    for upto in (200, 400, 401, len(ROWS)):
        facts.append([batch(ROWS[:upto])], ROWS[upto - 1]["position"])
        [cells] = ask(engine, [question])
        assert found(cells.table) == recount_clusters(ROWS[:upto], question)
    compact(facts)
    [cells] = ask(engine, [question])

    assert found(cells.table) == recount_clusters(ROWS, question)
    assert len(counted_in_memory) == 5


def test_numbers_made_beforehand_are_read_until_the_files_are_others(
    tmp_path: Path, counted_in_memory: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts, question = Facts(tmp_path), Question(NPS, cluster="person", points=POINTS)
    engine, read = open_engine("duckdb://", facts), []
    real = clusters.in_cluster_order
    monkeypatch.setattr(
        clusters, "in_cluster_order", lambda *what: read.append(what[1].name) or real(*what)
    )

    def asked(rows: list[Row]) -> int:
        """Return how many files had to be numbered for the answer."""
        read.clear()
        [cells] = ask(engine, [question])
        assert found(cells.table) == recount_clusters(rows, question)
        return len(read)

    facts.append([batch(ROWS[:400])], ROWS[399]["position"])
    number_clusters(facts)
    assert asked(ROWS[:400]) == 0
    facts.append([batch(ROWS)], ROWS[-1]["position"])
    assert asked(ROWS) > 0
    assert asked(ROWS) == 0
    compact(facts)
    assert asked(ROWS) > 0
    number_clusters(facts)
    assert asked(ROWS) == 0
    facts.replace_all([batch(ROWS[:300])], ROWS[-1]["position"])
    assert asked(ROWS[:300]) > 0


def test_numbers_are_made_anew_only_when_files_came(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    assert number_clusters(facts).clusters is None
    facts.append([batch(ROWS[:300])], ROWS[299]["position"])

    first, second = number_clusters(facts), number_clusters(facts)
    facts.append([batch(ROWS)], ROWS[-1]["position"])
    third = number_clusters(facts)

    assert second == first
    assert third.clusters != first.clusters
    assert {path.name for path in facts.folder.glob("*.clusters")} == third.derived


def test_weights_are_left_to_the_engine(tmp_path: Path, counted_in_memory: list[int]) -> None:
    facts, rows = Facts(tmp_path), company(120)
    facts.append([batch(rows)], rows[-1]["position"])
    question = Question(NPS, cluster="person", points=POINTS, weighted=True)

    [cells] = ask(open_engine("duckdb://", facts), [question])

    assert found(cells.table) == recount_clusters(rows, question)
    assert counted_in_memory == []


def test_groups_line_up_with_those_of_the_plain_cells(
    tmp_path: Path, counted_in_memory: list[int]
) -> None:
    facts = Facts(tmp_path)
    facts.append([batch(LATE)], LATE[-1]["position"])
    plain = Question(NPS, by=("month", "a1"))
    asked = [plain, replace(plain, cluster="person", points=POINTS)]

    cells, by_cluster = ask(open_engine("duckdb://", facts), asked)

    groups, counts = cells.pivot()
    clustered_groups, group, _, W, count = by_cluster.pivot()
    assert clustered_groups == groups
    assert [int((W * count)[group == i].sum()) for i in range(groups.num_rows)] == (
        counts.sum(axis=1).tolist()
    )
