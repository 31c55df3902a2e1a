"""Imports and refreshes killed at random moments: nothing lost, nothing twice, never half seen."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from promontory.warehouse import Facts
from tests.installation import Installation
from tests.program.responses.killing import write_file

pytestmark = [pytest.mark.kill, pytest.mark.slow]
ROWS, KILLS = 12_000, 8


@pytest.mark.parametrize("seed", [1, 2])
def test_an_import_survives_being_killed(
    installation: Installation, seed: int, tmp_path: Path
) -> None:
    house = installation
    path = tmp_path / "answers.csv"
    said = house.python(
        "from tests.program.responses.killing import main\n"
        f"main({str(path)!r}, {ROWS}, {KILLS}, {seed})"
    )
    assert "internally consistent" in said
    assert int(said.split()[1]) >= 4, "too few kills to prove anything"
    good, bad = write_file(str(path), ROWS)
    [(status, report)] = house.rows("SELECT status, report FROM responses_import")
    report = report if isinstance(report, dict) else json.loads(report)
    assert status == "done"
    assert (report["stored"], report["rejected"], report["new contacts"]) == (good, bad, 700)
    assert house.rows("SELECT count(*), count(DISTINCT row) FROM responses_response") == [
        (good, good)
    ]
    for table in ("responses_answer", "responses_rawrow"):
        assert house.rows(f"SELECT count(*) FROM {table}") == [(good,)]
    assert house.rows("SELECT count(*) FROM responses_rejectedrow") == [(bad,)]
    assert house.rows(
        "SELECT count(*), count(DISTINCT subject) FROM ledger_entry WHERE kind = 1"
    ) == [(good, good)]
    assert house.rows("SELECT count(*) FROM ledger_entry WHERE kind = 6") == [(1,)]
    assert house.rows("SELECT count(*) FROM ledger_seal") == house.rows(
        "SELECT count(*) FROM ledger_entry"
    )
    assert in_the_warehouse(house.home) == stored(house)


def stored(house: Installation) -> Counter[tuple[int, int]]:
    return Counter(
        house.rows(
            "SELECT r.local_day, a.value FROM responses_answer a "
            "JOIN responses_response r ON r.id = a.response_id"
        )
    )


def in_the_warehouse(home: Path) -> Counter[tuple[int, int]]:
    facts = Facts(home / "warehouse")
    files = [str(facts.path(file)) for file in facts.manifest().files]
    rows = duckdb.sql(
        f"SELECT day, answer, sum(sign)::INT FROM read_parquet({files}) GROUP BY day, answer"
    ).fetchall()
    return Counter({(day, answer): n for day, answer, n in rows})
