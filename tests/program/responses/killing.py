"""Killed again and again: run in an installation of its own by `test_kill`.

One process forks a worker, ends it with SIGKILL at a random moment, looks at what can be seen, and
forks the next, until the kills are used up and a worker comes to its end.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings

from promontory.jobs import leases
from promontory.jobs.draining import drain
from promontory.program.ledger.verify import verify
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import found_organization
from promontory.program.responses import actions, queries
from promontory.program.responses.models import Import
from promontory.program.responses.rules.proposing import suggested
from promontory.program.surveys.actions import create_survey
from promontory.warehouse import Facts

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def write_file(path: str, rows: int) -> tuple[int, int]:
    """Write a file of answers and return how many rows are good and how many are not."""
    rng = random.Random(7)
    bad = 0
    with open(path, "w") as out:
        out.write("id,date,email,score,comment,region\n")
        for n in range(rows):
            score = str(rng.choice([10, 9, 9, 8, 7, 6, 3, 0]))
            if n % 97 == 13:
                score, bad = "10/10", bad + 1
            comment = f"words of {n}" if n % 3 == 0 else ""
            out.write(
                f"v{n},2026-0{n % 4 + 1}-1{n % 9}T10:00:00+00:00,c{n % 700}@example.org,"
                f"{score},{comment},{'NSEW'[n % 4]}\n"
            )
    return rows - bad, bad


def forked(work: Callable[[], object], *, kill_after: float | None = None) -> str:
    """Run in a process of its own: "done", "failed" or "killed"."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    end = None if kill_after is None else time.monotonic() + kill_after
    while True:
        pid, status = os.waitpid(child, os.WNOHANG if end is not None else 0)
        if pid:
            return "done" if status == 0 else "failed"
        if end is not None and time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "killed"
        time.sleep(0.002)


def look(whole: int) -> None:
    """What everybody sees is nothing or all, in the tables and in the warehouse."""
    assert queries.visible().count() in (0, whole)
    manifest = Facts(settings.HOME.warehouse).manifest()
    assert sum(file.rows for file in manifest.files) in (0, whole)


def prepare(path: str) -> None:
    found_organization(name="Killed", zone="UTC", by=SYSTEM, at=START)
    survey = create_survey(name="Relationship", by=SYSTEM, at=START)
    with open(path, "rb") as file:
        source = actions.upload(file, "answers.csv", survey=survey, by=SYSTEM, at=START)
    actions.set_mapping(source, suggested(source.proposal), by=SYSTEM, at=START)


def commit(at: datetime) -> None:
    source = Import.objects.get()
    assert source.status == "previewed", source.problem
    actions.start_commit(source, by=SYSTEM, at=at)


def work(at: datetime) -> None:
    """Take over what a killed worker left, and run everything that is due."""
    leases.return_expired(at=at)
    drain(at=at)


def main(path: str, rows: int, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    good, _ = write_file(path, rows)
    assert forked(lambda: prepare(path)) == "done"
    at, killed = START, 0
    for phase in ("preview", "commit"):
        if phase == "commit":
            assert forked(partial(commit, at)) == "done"
        for n in range(kills):
            at += timedelta(minutes=10)
            ended = forked(partial(work, at), kill_after=rng.uniform(0.05, 0.6 + 0.3 * n))
            assert ended != "failed"
            assert forked(lambda: look(good)) == "done"
            if ended == "done":
                break
            killed += 1
        at += timedelta(minutes=10)
        assert forked(partial(work, at)) == "done"
    print("killed", killed)
    verdict = verify()
    print("verdict", verdict.sentence())
    assert verdict.is_sound


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
