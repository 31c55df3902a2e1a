"""The planted truths are found and the planted nothings left alone, in the whole demo company."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.installation import ROOT

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Demo:
    """The demo company in a home of its own, as the command line sees it."""

    home: Path

    def command(self, *arguments: str, expect: int = 0) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PROMONTORY_")}
        environment |= {"PROMONTORY_HOME": str(self.home), "PYTHONPATH": str(ROOT / "src")}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        done = subprocess.run(
            [sys.executable, "-m", "promontory.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def responses(self) -> int:
        with sqlite3.connect(self.home / "db.sqlite3") as connection:
            [(count,)] = connection.execute("SELECT count(*) FROM responses_response")
        return int(count)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    made = Demo(tmp_path_factory.mktemp("demo"))
    made.command("demo", "--load-only")
    return made


def test_the_demo_company_has_a_hundred_thousand_responses(demo: Demo) -> None:
    assert demo.responses() >= 100_000


def test_every_truth_is_found_and_every_nothing_left_alone(demo: Demo) -> None:
    said = json.loads(demo.command("selfcheck", "--json"))
    assert [row for row in said if not row["passed"]] == []
    assert {row["is_there"] for row in said} == {True, False}


def test_loading_again_adds_nothing(demo: Demo) -> None:
    before = demo.responses()
    demo.command("demo", "--load-only")
    assert demo.responses() == before


def test_the_ledger_of_the_demo_company_is_sound_and_an_altered_answer_is_named(demo: Demo) -> None:
    said = json.loads(demo.command("ledger", "verify", "--json"))
    assert said["problems"] == []
    with sqlite3.connect(demo.home / "db.sqlite3") as connection:
        [(answer, response)] = connection.execute(
            "SELECT id, response_id FROM responses_answer WHERE value = 3 LIMIT 1"
        )
        connection.execute("UPDATE responses_answer SET value = 10 WHERE id = ?", [answer])
    altered = json.loads(demo.command("ledger", "verify", "--json", expect=1))
    with sqlite3.connect(demo.home / "db.sqlite3") as connection:
        connection.execute("UPDATE responses_answer SET value = 3 WHERE id = ?", [answer])
    assert [problem["id"] for problem in altered["problems"]] == [response]


def test_the_doctor_finds_nothing_wrong(demo: Demo) -> None:
    found = json.loads(demo.command("doctor", "--json"))
    assert [row for row in found if row["level"] == "wrong"] == []
