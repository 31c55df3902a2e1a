"""The commands of an installation, run as a person runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.installation import ROOT

ANSWERS = """id,date,score,email,comment,region
1,2026-03-02,9,ann@customer.example,Quick and kind,North
2,2026-03-03,4,bob@customer.example,Nobody answered,South
3,2026-03-04,ten,cem@customer.example,,North
4,2026-03-05,10,dora@customer.example,,South
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from django.utils import timezone\n"
        "for alias in ('default', 'keys'):\n"
        "    call_command('migrate', database=alias, verbosity=0)\n"
        "from promontory.program.organization import actions\n"
        "from promontory.program.organization.access import SYSTEM\n"
        "from promontory.program.scores.actions import ensure_default_method\n"
        "from promontory.program.surveys.actions import create_survey\n"
        "at = timezone.now()\n"
        "actions.begin(organization='Acme', zone='Europe/Paris', name='Ada', "
        "email='ada@acme.example', password='a long password 77', by=SYSTEM, at=at)\n"
        "ensure_default_method(by=SYSTEM, at=at)\n"
        "create_survey(name='Relationship', promise='identified', by=SYSTEM, at=at)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=_environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "answers.csv").write_text(ANSWERS)
    return tmp_path


def _environment(home: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROMONTORY_")}
    return inherited | {
        "PROMONTORY_HOME": str(home),
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "promontory.server.settings",
    }


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "promontory.cli", *arguments],
        env=_environment(home),
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_file_is_imported_anchored_verified_and_a_person_erased(home: Path) -> None:
    file, rejected = str(home / "answers.csv"), home / "rejected.csv"
    imported = run(home, "import", file, "--dates", "ymd", "--rejected", str(rejected))
    assert imported.returncode == 0, imported.stderr
    assert "stored: 3" in imported.stdout
    assert "ten" in rejected.read_text()

    again = run(home, "import", file, "--dates", "ymd")
    assert again.returncode == 0, again.stderr
    assert "imported before" in again.stderr

    anchor = home / "anchor.json"
    anchor.write_text(run(home, "ledger", "anchor").stdout)
    assert run(home, "erase", "bob@customer.example", "--yes").returncode == 0
    gone = run(home, "erase", "bob@customer.example", "--yes")
    assert (gone.returncode, "Nobody here" in gone.stderr) == (1, True)
    verified = run(home, "ledger", "verify", "--anchor", str(anchor))
    assert (verified.returncode, "unaltered" in verified.stdout) == (0, True), verified.stdout
    assert b"Nobody answered" not in (home / "db.sqlite3").read_bytes()


def test_the_warehouse_is_made_anew_from_the_ledger(home: Path) -> None:
    assert run(home, "import", str(home / "answers.csv"), "--dates", "ymd").returncode == 0
    before = run(home, "warehouse", "status").stdout
    assert run(home, "warehouse", "rebuild").returncode == 0
    assert "3 signed rows" in run(home, "warehouse", "status").stdout, before


def test_a_stray_anchor_or_file_is_refused_in_a_sentence(home: Path) -> None:
    for arguments in (
        ("ledger", "verify", "--anchor", str(home / "nowhere.json")),
        ("import", str(home / "nowhere.csv")),
        ("import", str(home / "answers.csv"), "--column", "score=Nowhere"),
        ("import", str(home / "answers.csv"), "--survey", "nosuch"),
        ("start", "--no-jobs"),
    ):
        refused = run(home, *arguments)
        assert refused.returncode == 1, (arguments, refused.stdout)
        assert refused.stderr.startswith("promontory: "), refused.stderr
        assert "Traceback" not in refused.stderr
