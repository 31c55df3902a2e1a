"""The refresher is killed again and again: nothing is lost or doubled, and nobody misreads."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from promontory.warehouse import Cells, Engine, Facts, Question, ask, open_engine
from promontory.warehouse.engines.loaded import LoadedEngine
from promontory.warehouse.rowset import row_set_hash, seal_months
from tests.warehouse import refresher
from tests.warehouse.sample import NPS, batch, found, recount

KILLS = 25
ROOT = Path(__file__).parents[2]


def kill_one(folder: Path, seed: int, patience: float) -> None:
    """Start a refresher, and kill it a moment after it has begun."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    command = [sys.executable, "-m", "tests.warehouse.refresher", str(folder), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(patience)
        assert process.poll() is None, "the refresher ended by itself"
        process.send_signal(signal.SIGKILL)


def counted(engine: Engine, question: Question) -> None:
    """Ask, and compare with the rows that must be there at the position of the answer."""
    [cells] = ask(engine, [question])
    assert isinstance(cells, Cells)
    assert found(cells.table) == recount(refresher.rows(1, cells.position), question)


def stored_positions(facts: Facts) -> list[int]:
    positions: list[int] = []
    for file in facts.manifest().files:
        positions += pq.read_table(facts.path(file), columns=["position"])["position"].to_pylist()
    return sorted(positions)


def debris(facts: Facts) -> set[str]:
    """Return the files that no manifest names."""
    manifest = facts.manifest()
    named = {file.name for file in manifest.files} | manifest.retired.keys() | manifest.derived
    return {path.name for path in facts.folder.iterdir() if path.is_file()} - named


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_refresher_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    facts, rng = Facts(tmp_path / "warehouse"), random.Random(11)
    facts.append([], 0)
    engine = open_engine("duckdb://?threads=1", facts)
    wrong: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            try:
                counted(engine, Question(NPS, by=("month",)))
                counted(engine, Question(NPS, by=("a1",), excluding=1))
            except BaseException as error:
                wrong.append(error)
                return

    reader = threading.Thread(target=read)
    reader.start()
    reached = in_mid_work = 0
    for seed in range(KILLS):
        kill_one(facts.root, seed, rng.random() * 0.6)
        at = facts.manifest().position
        assert at >= reached
        assert stored_positions(facts) == list(range(1, at + 1))
        reached = at
        in_mid_work += bool(debris(facts))
    over.set()
    reader.join()

    assert wrong == []
    assert reached > 0
    assert in_mid_work >= KILLS // 5  # else the kills came when there was nothing to spoil
    fresh = Facts(tmp_path / "fresh")
    fresh.append([batch(refresher.rows(1, reached))], reached)
    assert seal_months(facts) == row_set_hash(fresh)
    facts.append([], reached + 1)
    assert debris(facts) == set()


@pytest.mark.kill
@pytest.mark.slow
def test_a_killed_load_is_made_good_by_the_next(tmp_path: Path) -> None:
    pytest.importorskip("chdb", reason="chdb is not installed: install the group “test”")
    facts = Facts(tmp_path / "warehouse")
    for seed in range(3):
        kill_one(facts.root, seed, 0.5)
        engine = open_engine(f"chdb://{tmp_path / 'chdb'}", facts)
        assert isinstance(engine, LoadedEngine)
        engine.load()
        counted(engine, Question(NPS, by=("month", "a1")))
        engine.close()
