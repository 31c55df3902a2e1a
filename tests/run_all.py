"""What `python3 run.py test` does: every check that guards the house, then the suite.

The suite runs on SQLite, and once more on a real PostgreSQL where one can be started. Arguments
are handed to pytest, and then only pytest runs: `python3 run.py test tests/measurement -k paired`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS: list[tuple[str, list[str]]] = [
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["mypy"]),
    ("imports", ["lint-imports"]),
    ("migrations", [sys.executable, "-m", "promontory.cli", "migrations-check"]),
]


def run(name: str, command: list[str], environment: dict[str, str]) -> bool:
    program = BIN / command[0]
    if program.exists():
        command = [str(program), *command[1:]]
    started = time.monotonic()
    print(f"── {name}", flush=True)
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    print(
        f"   {name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)",
        flush=True,
    )
    return code == 0


def main() -> int:
    environment = dict(os.environ)
    pytest = [sys.executable, "-m", "pytest", *sys.argv[1:]]
    if sys.argv[1:]:
        return subprocess.run(pytest, cwd=ROOT, env=environment, check=False).returncode
    good = [run(name, command, environment) for name, command in CHECKS]
    on_postgres = {**environment, "PROMONTORY_TEST_DATABASE": "postgres"}
    good.append(
        run(
            "tests on PostgreSQL",
            [*pytest, "-q", "tests/program", "tests/journeys", "tests/jobs", "tests/server"],
            on_postgres,
        )
    )
    good.append(run("tests", [*pytest, "-q"], environment))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
