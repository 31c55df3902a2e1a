"""Customers, waves and holds from a shell, as a person runs them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from tests.cli.test_installation_commands import home, run

__all__ = ["home"]

pytestmark = pytest.mark.slow

CUSTOMERS = """email,name,region,phone
ann@customer.example,Ann,North,
bob@customer.example,Bob,South,
not an address,Cem,South,
dora@customer.example,Dora,South,
"""


@pytest.fixture
def peopled(home: Path) -> Path:
    (home / "customers.csv").write_text(CUSTOMERS)
    file, apart = str(home / "customers.csv"), str(home / "apart.csv")
    done = run(home, "contacts", "import", file, "--column", "declared=region", "--rejected", apart)
    assert done.returncode == 0, done.stderr
    assert "not an address" in (home / "apart.csv").read_text()
    return home


def _rows(home: Path, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "db.sqlite3") as connection:
        return connection.execute(statement).fetchall()


def test_a_wave_is_planned_drawn_paused_and_cancelled(peopled: Path) -> None:
    held = run(
        peopled, "hold", "place", "bob@customer.example", "--reason", "complaint",
        "--until", "2999-12-31",
    )  # fmt: skip
    assert "is placed, until 2999-12-31" in held.stdout, held.stderr
    planned = run(peopled, "waves", "plan", "relationship", "--size", "5", "--strata", "region")
    assert planned.returncode == 0, planned.stderr
    assert "Of 3 people in the frame 2 may be asked now" in planned.stdout
    assert "1 hold" in planned.stdout
    drawn = run(peopled, "waves", "draw", "1")
    assert "2 were drawn to be asked and 1 held back" in drawn.stdout, drawn.stderr
    for verb, words in (
        ("start", "is on its way"), ("pause", "is paused"), ("cancel", "is cancelled"),
    ):  # fmt: skip
        done = run(peopled, "waves", verb, "1")
        assert (done.returncode, words in done.stdout) == (0, True), done.stderr
    [shown] = json.loads(run(peopled, "waves", "list", "--json").stdout)
    assert (shown["state"], shown["frame"], shown["unaccounted"]) == ("cancelled", 3, 0)
    again = run(peopled, "waves", "start", "1")
    assert (again.returncode, "only a drawn wave" in again.stderr) == (1, True)


def test_a_hold_is_lifted_and_lets_them_be_asked_again(peopled: Path) -> None:
    placed = run(peopled, "hold", "place", "dora@customer.example", "--reason", "legal")
    number = placed.stdout.split()[1]
    assert _rows(peopled, "SELECT reason, ends_at FROM customers_hold") == [("legal", None)]
    assert run(peopled, "hold", "lift", number).returncode == 0
    planned = json.loads(run(peopled, "waves", "plan", "relationship", "--json").stdout)
    assert planned["dry_run"]["eligible"] == 3


def test_refusals_are_one_sentence(home: Path) -> None:
    for arguments, words in (
        (("contacts", "import", "nowhere.csv"), "There is no file"),
        (("waves", "plan", "nosuch"), "There is no survey"),
        (("waves", "show", "7"), "There is no such wave"),
        (("hold", "place", "nobody@x.example", "--reason", "legal"), "Nobody here"),
        (("hold", "place", "Acme", "--account", "--reason", "legal"), "There is no account"),
    ):
        refused = run(home, *arguments)
        assert (refused.returncode, words in refused.stderr) == (1, True), refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_file_without_a_good_row_imports_nothing(home: Path) -> None:
    (home / "bad.csv").write_text("email,name\nnot an address,Cem\nnor this,Dan\n")
    assert run(home, "contacts", "import", str(home / "bad.csv")).returncode == 3
    assert _rows(home, "SELECT count(*) FROM customers_contact") == [(0,)]
