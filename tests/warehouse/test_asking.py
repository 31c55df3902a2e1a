"""Asking: several questions at once, files that move meanwhile, threads, weights, a rebuild."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from promontory.errors import Broken
from promontory.warehouse import (
    Cells,
    Facts,
    In,
    Periods,
    Question,
    ask,
    open_engine,
    rebuild,
    rewrite_months,
)
from promontory.warehouse.engines.duck import DuckEngine
from tests.warehouse.sample import NPS, batch, company, day, entry, found, recount

ROWS = company(400, seed=5)
LAST = ROWS[-1]["position"]
THE_SAME_BUT_BY = [
    Question(NPS, by=("month", "a1")),
    Question(NPS, by=("a1",)),
    Question(NPS),
    Question(NPS, by=("week",)),
    Question(NPS, by=(Periods(((day("2025-01-01"), day("2025-01-31")),)),)),
    Question(NPS, by=("a1",), as_of=LAST // 2),
    Question(NPS, by=("channel",), weighted=True),
    Question(NPS, by=("a1", "survey"), weighted=True),
]


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    made = Facts(tmp_path)
    made.append([batch(ROWS)], LAST)
    return made


def test_several_questions_cost_fewer_passes_and_answer_the_same(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    monkeypatch.setattr(
        DuckEngine,
        "run",
        lambda self, query, real=DuckEngine.run: runs.append(self.sql(query)) or real(self, query),
    )

    answers = ask(open_engine("duckdb://", facts), THE_SAME_BUT_BY)

    assert len(runs) == 4
    for question, cells in zip(THE_SAME_BUT_BY, answers, strict=True):
        assert isinstance(cells, Cells)
        assert cells.question == question
        assert found(cells.table) == recount(ROWS, question)


def test_many_threads_share_an_engine(facts: Facts) -> None:
    engine = open_engine("duckdb://", facts)
    question = Question(NPS, by=("month", "a1"), where=(In("survey", (1,)),))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(engine, [question])[0].table, range(40)))

    assert all(found(table) == recount(ROWS, question) for table in answers)


def test_a_reader_whose_files_are_erased_meanwhile_asks_again(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, stale = open_engine("duckdb://", facts), facts.manifest()
    rewrite_months(facts, [row["response"] for row in ROWS], ["a1"])
    snapshots = iter([stale, facts.manifest()])
    monkeypatch.setattr(DuckEngine, "snapshot", lambda self: next(snapshots))

    [cells] = ask(engine, [Question(NPS, by=("a1",))])

    erased = [{**row, "a1": 0} for row in ROWS]
    assert found(cells.table) == recount(erased, Question(NPS, by=("a1",)))


def test_files_that_are_gone_for_good_are_a_fault(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("promontory.warehouse.counts.PAUSE", 0.0)
    for path in facts.folder.iterdir():
        path.unlink()

    with pytest.raises(Broken, match="rebuild the warehouse"):
        ask(open_engine("duckdb://", facts), [Question(NPS)])


def test_weighted_cells_become_sums_of_weights(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    rows = [
        entry(1, answer=10, d=2_000_000, g=1),
        entry(2, answer=10, d=500_000),
        entry(3, answer=0, d=1_000_000, g=1),
    ]
    facts.append([batch(rows)], 3)

    [cells] = ask(open_engine("duckdb://", facts), [Question((0, 10), weighted=True)])

    assert isinstance(cells, Cells)
    _, n, w, w2 = cells.pivot_weighted({1: 1_500_000})
    assert n.tolist() == [[1, 2]]
    assert np.array_equal(w, [[1.5, 3.5]])
    assert np.array_equal(w2, [[2.25, 9.25]])


def test_a_pivot_has_a_row_a_group_and_a_column_an_answer(facts: Facts) -> None:
    question = Question((10, 0, 9), by=("month", "a1"))

    [cells] = ask(open_engine("duckdb://", facts), [question])

    assert isinstance(cells, Cells)
    groups, counts = cells.pivot()
    keys = list(zip(groups["month"].to_pylist(), groups["a1"].to_pylist(), strict=True))
    assert keys == sorted(keys)
    spread = {
        (*key, answer): int(n)
        for key, row in zip(keys, counts, strict=True)
        for answer, n in zip(question.answers, row, strict=True)
        if n
    }
    assert spread == recount(ROWS, question)


def test_a_rebuild_is_whole_hashed_and_cubed(facts: Facts) -> None:
    manifest = rebuild(facts, [batch(ROWS[::-1])], LAST, {20_000: LAST}, dimensions=["a1"])

    assert len(manifest.files) == len(manifest.months)
    assert all(month.sha256 for month in manifest.months.values())
    question = Question(NPS, by=("week", "a1"))
    for as_of, source in ((None, "cube"), (LAST // 3, "facts")):
        [cells] = ask(open_engine("duckdb://", facts), [replace(question, as_of=as_of)])
        assert isinstance(cells, Cells)
        assert cells.source == source
        assert found(cells.table) == recount(ROWS, replace(question, as_of=as_of))
