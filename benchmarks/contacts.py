"""What bringing in contacts costs: python benchmarks/contacts.py [rows …] (default 100000).

A file with customer number, e-mail, telephone, name, account, part, language, zone, consent with
its date and two attributes goes in twice: new, then again with nothing changed; on SQLite, in a
home of its own. CPU is user + system of all processes; memory the largest resident set of any.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BAR_CPU_A_MILLION, BAR_MB = 150, 700


def write_file(path: Path, rows: int) -> None:
    with path.open("w") as out:
        out.write("customer id,email,phone,name,account,role,language,time zone,")
        out.write("consent,consent date,region,plan\n")
        for n in range(rows):
            out.write(
                f"C{n:08d},person{n}@example.org,+49151{10_000_000 + n},Person {n},"
                f"account {n // 20},user,de,Europe/Berlin,{'no' if n % 25 == 0 else 'yes'},"
                f"2026-0{n % 4 + 1}-1{n % 9},region {n % 12},plan {n % 5}\n"
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
    home = Path(tempfile.mkdtemp(prefix="promontory-contacts-"))
    os.environ |= {
        "PROMONTORY_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "promontory.server.settings",
    }
    for variable in ("PROMONTORY_DATABASE", "PROMONTORY_KEYS_DATABASE"):
        os.environ.pop(variable, None)
    try:
        write_file(home / "contacts.csv", rows)
        import django

        django.setup()
        _bring_in(home / "contacts.csv", rows)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _bring_in(path: Path, rows: int) -> None:
    from django.core.management import call_command

    from promontory.jobs.draining import drain
    from promontory.program.customers import actions
    from promontory.program.customers.models import Contact
    from promontory.program.customers.rules.proposing import suggested
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization

    call_command("migrate", verbosity=0)
    call_command("migrate", database="keys", verbosity=0)
    found_organization(name="Measured", zone="UTC", by=SYSTEM, at=NOW)
    for when in ("new", "again"):
        spent = {}
        source = actions.upload(path, path.name, by=SYSTEM, at=NOW)
        mapping = suggested(source.proposal, "contacts")
        actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
        spent["judge"] = measured(lambda: drain(at=NOW))
        source.refresh_from_db()
        actions.start_commit(source, by=SYSTEM, at=NOW)
        spent["write"] = measured(lambda: drain(at=NOW))
        source.refresh_from_db()
        assert source.status == "done", source.problem
        assert Contact.objects.count() == rows
        total = sum(used for used, _ in spent.values())
        for step, (used, took) in spent.items():
            print(f"{rows:>9,} {when:>5} {step:>6}: {used:7.1f} s CPU {took:7.1f} s")
        bar = BAR_CPU_A_MILLION * rows / 1_000_000
        print(
            f"{rows:>9,} {when:>5}  total: {total:7.1f} s CPU (at most {bar:.1f}), "
            f"peak {peak_mb():.0f} MB (at most {BAR_MB}); {source.report}"
        )


def main() -> None:
    for rows in [int(argument) for argument in sys.argv[1:]] or [100_000]:
        if os.fork() == 0:
            run(rows)
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    main()
