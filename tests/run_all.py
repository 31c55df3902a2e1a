"""What `python3 run.py test` does: every check that guards the house, then the suite.

The suite runs on SQLite and, beside it, what touches a database once more on a real PostgreSQL
where one can be started. Arguments are handed to pytest, and then only pytest runs:
`python3 run.py test tests/measurement -k paired`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS: list[tuple[str, list[str]]] = [
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["mypy"]),
    ("imports", ["lint-imports"]),
    ("migrations", [sys.executable, "-m", "promontory.cli", "migrations-check"]),
]
PYTEST = [sys.executable, "-m", "pytest", "-q"]
ON_A_DATABASE = ["tests/program", "tests/journeys", "tests/jobs", "tests/server"]
# What is killed is killed on both databases already, and a page looks alike on either.
NOT_AGAIN = ["-m", "not kill and not browser"]


def start(command: list[str], environment: dict[str, str], out: IO[bytes] | None = None) -> Run:
    program = BIN / command[0]
    if program.exists():
        command = [str(program), *command[1:]]
    return Run(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out))


class Run:
    """A command under way."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._started = time.monotonic()

    def ended_well(self, name: str) -> bool:
        """Wait for the end, say how it was, and return whether it was good."""
        good = self._process.wait() == 0
        seconds = time.monotonic() - self._started
        print(f"   {name}: {'ok' if good else 'FAILED'} ({seconds:.0f} s)", flush=True)
        return good


def main() -> int:
    environment = dict(os.environ)
    if sys.argv[1:]:
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    good = []
    on_postgres = {**environment, "PROMONTORY_TEST_DATABASE": "postgres"}
    with tempfile.TemporaryFile() as words:
        beside = start([*PYTEST, *NOT_AGAIN, *ON_A_DATABASE], on_postgres, words)
        for name, command in CHECKS:
            print(f"── {name}", flush=True)
            good.append(start(command, environment).ended_well(name))
        print("── tests (those on PostgreSQL at the same time; their words follow)", flush=True)
        good.append(start(PYTEST, environment).ended_well("tests"))
        good.append(beside.ended_well("tests on PostgreSQL"))
        words.seek(0)
        print(words.read().decode(errors="replace"), flush=True)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
