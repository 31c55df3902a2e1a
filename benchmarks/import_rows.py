"""What an import costs: python benchmarks/import_rows.py [rows …] (default 100000 1000000).

Answers of 100,000 contacts (id, date, e-mail, score, a comment on 30 %, six attributes) go from the
uploaded file to the warehouse: judged twice, encrypted, ledgered, sealed, on SQLite, in a home of
their own. CPU is user + system of all processes; memory the largest resident set of any.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CONTACTS = 100_000
BAR_CPU, BAR_MB = 120, 1_024
WORDS = ("delivery", "late", "friendly", "staff", "price", "quality", "help", "again", "always")


def write_file(path: Path, rows: int) -> None:
    rng = random.Random(1)
    scores = rng.choices(range(11), weights=[2, 1, 1, 2, 2, 5, 5, 12, 20, 22, 28], k=rows)
    with path.open("w") as out:
        out.write("id,date,email,score,comment,region,segment,plan,product,store,agent\n")
        for n, score in enumerate(scores):
            comment = " ".join(rng.choices(WORDS, k=12)) if rng.random() < 0.3 else ""
            second = n * 47 % 63_072_000
            stamp = datetime.fromtimestamp(1_700_000_000 + second, UTC).isoformat()
            out.write(
                f"r{n:08d},{stamp},person{rng.randrange(CONTACTS)}@example.org,{score},{comment},"
                f"region {n % 12},segment {n % 5},plan {n % 3},product {n % 40},"
                f"store {n % 300},agent {n % 900}\n"
            )


def cpu() -> float:
    used = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        used += usage.ru_utime + usage.ru_stime
    return used


def peak_mb() -> float:
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in both) / 1024


def measured(work: Callable[[], object]) -> tuple[float, float]:
    before, started = cpu(), time.perf_counter()
    work()
    return cpu() - before, time.perf_counter() - started


def run(rows: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="promontory-import-"))
    os.environ |= {
        "PROMONTORY_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "promontory.server.settings",
    }
    for variable in ("PROMONTORY_DATABASE", "PROMONTORY_KEYS_DATABASE"):
        os.environ.pop(variable, None)
    try:
        write_file(home / "answers.csv", rows)
        import django

        django.setup()
        _bring_in(home / "answers.csv", rows)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _bring_in(path: Path, rows: int) -> None:
    from django.core.management import call_command

    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.responses import actions
    from promontory.program.responses.rules.proposing import suggested
    from promontory.program.surveys.actions import create_survey

    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0)
    found_organization(name="Bench", zone="UTC", by=SYSTEM, at=NOW)
    survey = create_survey(name="Bench", by=SYSTEM, at=NOW)
    steps: dict[str, tuple[float, float]] = {}
    made = []

    def upload() -> None:
        source = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
        actions.set_mapping(source, suggested(source.proposal), by=SYSTEM, at=NOW)
        made.append(source)

    steps["upload"] = measured(upload)
    [source] = made
    steps["preview"] = measured(lambda: actions.preview(source.pk, at=NOW))
    source.refresh_from_db()
    actions.start_commit(source, by=SYSTEM, at=NOW)
    steps["commit"] = measured(lambda: actions.commit(source.pk, at=NOW))
    steps["warehouse"] = measured(actions.refresh_warehouse)
    source.refresh_from_db()
    assert source.report["stored"] == rows, source.report
    total, wall = (sum(step[n] for step in steps.values()) for n in (0, 1))
    for name, (used, took) in steps.items():
        print(
            f"{rows:>9,} {name:>10} {used:8.1f} s CPU {took:8.1f} s {used / rows * 1e6:7.1f} µs/row"
        )
    print(
        f"{rows:>9,} {'all':>10} {total:8.1f} s CPU {wall:8.1f} s {total / rows * 1e6:7.1f} µs/row"
        f"   peak {peak_mb():.0f} MB (bars at 1,000,000: {BAR_CPU} s, {BAR_MB} MB)"
    )


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [100_000, 1_000_000]
    for size in sizes:
        # A process for each size: memory and CPU are counted from nothing.
        if child := os.fork():
            os.waitpid(child, 0)
        else:
            run(size)
            sys.exit(0)
