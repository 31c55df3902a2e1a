"""Every Python program in the documentation runs, on small but real data."""

import json

import numpy as np
import pyarrow as pa
import pytest

from promontory.warehouse import Facts
from tests.docs.pages import PAGES, blocks, name

# Pages whose programs read what an installation keeps; they have tests of their own below.
OF_INSTALLATIONS = {"ledger-format.md", "warehouse-format.md", "back-up-and-restore.md"}
PROGRAMS = [(page, block) for page, block in blocks("python") if page.name not in OF_INSTALLATIONS]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    rows = [
        f"{n * 7 % 11},{'North' if n % 3 else 'South'},a{n % 60},2026-0{1 + n % 2}-15"
        for n in range(240)
    ]
    (tmp_path / "answers.csv").write_text("score,region,account,date\n" + "\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(program):
    exec(compile(program, "page", "exec"), {"__name__": "page"})


def program_of(page_name):
    [program] = [block for page, block in blocks("python") if page.name == page_name]
    return program


@pytest.mark.parametrize(("page", "program"), PROGRAMS, ids=[name(p) for p, _ in PROGRAMS])
def test_it_runs_and_prints_something(page, program, capsys):
    run(program)
    assert capsys.readouterr().out.strip()


def test_every_page_with_programs_is_run():
    pages = {page.name for page, _ in PROGRAMS} | OF_INSTALLATIONS
    assert {p.name for p in PAGES if "```python\n" in p.read_text()} == pages


def test_the_mix_shift_is_the_one_that_its_page_tells_of(capsys):
    run(program_of("mix-shift.md"))
    assert "−9.0: +6.0 within segments, −15.0 from the mix" in capsys.readouterr().out


def test_the_warehouse_is_read_as_its_page_says(here, capsys):
    answers = np.array([9, 10, 9, 3, 7])
    facts = pa.RecordBatch.from_pydict(
        {
            "position": np.arange(1, 6),
            "sign": np.ones(5, int),
            "day": np.full(5, 20_500),
            "response": np.arange(1, 6),
            "survey": np.ones(5, int),
            "metric": np.ones(5, int),
            "answer": answers,
            "mask": np.array([0, 0, 0, 0, 4]),
        }
    )
    Facts(here / "warehouse").append([facts], position=5)
    run(program_of("warehouse-format.md"))
    assert capsys.readouterr().out == "2026-02  50.0  n = 4\n"


@pytest.fixture
def ledger(installations, here, monkeypatch):
    """An installation with a few entries, an anchor kept elsewhere, and entries after it."""
    made = installations.make("sqlite", "promontory.server.settings")
    made.python(
        "from datetime import UTC, datetime\n"
        "from django.db import transaction\n"
        "from promontory.program.ledger import actions as ledger\n"
        "at = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)\n"
        "ledger.install(zone='Asia/Tokyo')\n"
        "def put(number, **more):\n"
        "    with transaction.atomic():\n"
        "        new = ledger.NewEntry(ledger.Kind.ANSWER, 'user:1', {'é': number}, **more)\n"
        "        ledger.append([new], at=at)\n"
        "put(1)\n"
        "put(2, subject=5, local_day=20_500, personal=bytes(range(32)))\n"
        "open('" + str(here / "anchor.json") + "', 'w').write(ledger.sign_head(at=at).document())\n"
        "put(3, subject=6)\n"
    )
    monkeypatch.chdir(made.home)
    (made.home / "anchor.json").write_text((here / "anchor.json").read_text())
    yield made
    made.end()


def test_the_ledger_is_verified_by_the_program_of_its_page(ledger, capsys):
    run(program_of("ledger-format.md"))
    assert capsys.readouterr().out == "3 entries, unaltered up to 2\n"


def test_that_program_finds_an_altered_entry_and_a_forged_anchor(ledger):
    import sqlite3

    from cryptography.exceptions import InvalidSignature

    anchor = json.loads((ledger.home / "anchor.json").read_text())
    (ledger.home / "anchor.json").write_text(json.dumps(anchor | {"position": 3}))
    with pytest.raises(InvalidSignature):
        run(program_of("ledger-format.md"))
    (ledger.home / "anchor.json").write_text(json.dumps(anchor))
    database = sqlite3.connect(ledger.home / "db.sqlite3")
    database.execute("UPDATE ledger_entry SET \"by\" = 'user:2' WHERE subject = 5")
    database.commit()
    database.close()
    with pytest.raises(AssertionError, match="altered at position 2"):
        run(program_of("ledger-format.md"))


def test_a_copy_taken_as_the_page_says_holds_what_was_there(ledger, here, monkeypatch):
    import sqlite3

    monkeypatch.chdir(here)
    monkeypatch.setenv("PROMONTORY_HOME", str(ledger.home))
    run(program_of("back-up-and-restore.md"))
    copy = sqlite3.connect(here / "copies" / "db.sqlite3")
    assert copy.execute("SELECT count(*) FROM ledger_entry").fetchone() == (3,)
    copy.close()
    assert (here / "copies" / "keys.sqlite3").stat().st_size > 0
