"""Killed again and again: run in an installation of its own by `test_kill`."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial

from promontory.jobs import leases
from promontory.jobs.draining import drain
from promontory.program.customers import actions
from promontory.program.customers.models import ContactImport
from promontory.program.customers.rules.proposing import suggested
from promontory.program.ledger.verify import verify
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import found_organization
from tests.program.responses.killing import forked

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def write_file(path: str, rows: int) -> None:
    """Write a file in which every 50th row is bad and every 40th names a further account."""
    with open(path, "w") as out:
        out.write("email,name,company,role,region,consent,consent date\n")
        for n in range(rows):
            email = "broken@" if n % 50 == 7 else f"c{n - 3 if n % 40 == 9 else n}@example.org"
            out.write(f"{email},Name {n},acme {n % 30},user,{'NSEW'[n % 4]},")
            out.write(f"{'no' if n % 10 == 0 else 'yes'},2026-01-0{1 + n % 9}\n")


def prepare(path: str) -> None:
    found_organization(name="Killed", zone="UTC", by=SYSTEM, at=START)
    with open(path, "rb") as file:
        source = actions.upload(file, "contacts.csv", by=SYSTEM, at=START)
    mapping = suggested(source.proposal, "contacts")
    actions.set_mapping(source, mapping, by=SYSTEM, at=START)


def commit(at: datetime) -> None:
    source = ContactImport.objects.get()
    assert source.status == "previewed", source.problem
    actions.start_commit(source, by=SYSTEM, at=at)


def work(at: datetime) -> None:
    """Take over what a killed worker left, and run everything that is due."""
    leases.return_expired(at=at)
    drain(at=at)


def main(path: str, rows: int, kills: int, seed: int) -> None:
    """Bring the file in, killed at random moments, and say how often."""
    rng = random.Random(seed)
    write_file(path, rows)
    assert forked(lambda: prepare(path)) == "done"
    at, killed = START, 0
    for phase in ("preview", "commit"):
        if phase == "commit":
            assert forked(partial(commit, at)) == "done"
        for n in range(kills):
            at += timedelta(minutes=10)
            ended = forked(partial(work, at), kill_after=rng.uniform(0.3, 1.2 + 0.3 * n))
            assert ended != "failed"
            if ended == "done":
                break
            killed += 1
        at += timedelta(minutes=10)
        assert forked(partial(work, at)) == "done"
    print("killed", killed)
    print(verify().sentence())
