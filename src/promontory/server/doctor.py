"""What is wrong with an installation, and how to mend it: one function a check.

A check returns a Finding; whatever it raises is itself the finding, so that the doctor never dies
of what it is there to find.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings
from django.core.checks import run_checks
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from promontory.errors import PromontoryError
from promontory.jobs import queries as jobs
from promontory.jobs.locks import WriterLock
from promontory.program.ledger import queries as ledger
from promontory.program.organization import queries as organization
from promontory.program.organization.models import Membership

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: `level` is ok, note or wrong; `remedy` says what to do."""

    check: str
    level: str
    says: str
    remedy: str = ""


Check = Callable[[], Finding]
CHECKS: list[tuple[str, Check]] = []


def check(name: str) -> Callable[[Check], Check]:
    """Enter a check into the doctor's list."""

    def enter(function: Check) -> Check:
        CHECKS.append((name, function))
        return function

    return enter


def _ok(says: str) -> Finding:
    return Finding("", "ok", says)


def _note(says: str, remedy: str) -> Finding:
    return Finding("", "note", says, remedy)


def _wrong(says: str, remedy: str) -> Finding:
    return Finding("", "wrong", says, remedy)


def examine() -> Iterator[Finding]:
    """Run every check, and yield what each found."""
    for name, function in CHECKS:
        try:
            found = function()
        except PromontoryError as error:
            found = _wrong(str(error), "")
        except Exception as error:
            found = _wrong(f"{type(error).__name__}: {error}", "Mend this first, then ask again.")
        yield Finding(name, found.level, found.says, found.remedy)


def report(*, as_json: bool) -> int:
    """Print what every check found, and return 0 if nothing is wrong, else 1."""
    findings = list(examine())
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        mark = {"ok": "✓", "note": "·", "wrong": "✗"}
        for finding in findings:
            print(f"{mark[finding.level]} {finding.check}: {finding.says}")
            if finding.remedy:
                print(f"    → {finding.remedy}")
    return 1 if any(finding.level == "wrong" for finding in findings) else 0


@check("python")
def _python() -> Finding:
    if sqlite3.sqlite_version_info < (3, 35):
        return _wrong(
            f"SQLite {sqlite3.sqlite_version} is too old.",
            "Use a Python with SQLite 3.35 or newer.",
        )
    return _ok(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")


@check("home")
def _home() -> Finding:
    home = settings.HOME.root
    if not os.access(home, os.W_OK):
        return _wrong(f"{home} cannot be written to.", "Give it to the user that runs Promontory.")
    free = shutil.disk_usage(home).free
    if free < GIB:
        return _wrong(
            f"{home} has {free / GIB:.1f} GiB left.",
            "Make room before the next import: 1 GiB or more.",
        )
    return _ok(f"{home}, {free / GIB:.0f} GiB free")


@check("secrets")
def _secrets() -> Finding:
    path = settings.HOME.root / "secrets.json"
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return _wrong(f"{path} can be read by others.", f"Run: chmod 600 {path}")
    return _ok("readable by their owner only; keep a copy apart from the backups of the databases")


@check("databases")
def _databases() -> Finding:
    waiting = []
    for alias in settings.DATABASES:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            waiting.append(alias)
    if waiting:
        return _wrong(
            f"Not up to date: {', '.join(waiting)}.", "Stop the server and run: promontory migrate"
        )
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            said = cursor.fetchone()[0]
            if said != "ok":
                return _wrong(f"SQLite says: {said}.", "Restore the database from a backup.")
    return _ok(f"{connection.vendor}, up to date")


@check("settings")
def _settings() -> Finding:
    problems = [str(message.msg) for message in run_checks() if message.is_serious()]
    return _wrong(problems[0], "See docs/reference/settings.md.") if problems else _ok("sound")


@check("organisation")
def _organization() -> Finding:
    found = organization.organization()
    if found is None:
        return _note("not set up yet", "Start the server and open the address that it prints.")
    administrators = Membership.objects.filter(role="administrator", user__is_active=True).count()
    if not administrators:
        return _wrong(
            "Nobody is an administrator.",
            "Run: promontory user add you@example.org --role administrator",
        )
    return _ok(f"{found.name}, {administrators} administrator(s)")


@check("writer")
def _writer() -> Finding:
    if connection.vendor != "sqlite":
        return _ok("PostgreSQL: any number of processes may write")
    holder = WriterLock(settings.HOME.lock).holder()
    return _ok(f"held by {holder}" if holder else "free: the server is not running")


@check("ledger")
def _ledger() -> Finding:
    head = ledger.head()
    pending = ledger.pending_count()
    if pending > 1000:
        return _wrong(
            f"{pending} entries wait for their seal.", "Start the server or `promontory worker`."
        )
    anchored = ledger.latest_anchor()
    if head.position and anchored is None:
        return _note(
            f"{head.position} entries, never anchored.",
            "Run `promontory ledger anchor` and keep what it prints outside this machine.",
        )
    return _ok(f"{head.position} entries sealed, {pending} waiting")


@check("jobs")
def _jobs() -> Finding:
    dead = list(jobs.dead_letters()[:1])
    if dead:
        return _wrong(
            f"{jobs.dead_letters().count()} job(s) failed for good; the last: {dead[0]}.",
            "Read the reason in the server's log and mend the cause; a failed import can be "
            "tried again from its page.",
        )
    due = jobs.next_due()
    if due is not None and due < timezone.now() - timedelta(minutes=5):
        return _wrong(
            "Jobs have been waiting for more than five minutes.",
            "Start the server, or `promontory worker`.",
        )
    return _ok("none failed, none late")


@check("warehouse")
def _warehouse() -> Finding:
    from promontory.server import upkeep

    behind = upkeep.entries_behind()
    if behind > 0:
        return _note(
            f"{behind} entries behind the ledger.", "It catches up by itself while the server runs."
        )
    return _ok("up with the ledger")
