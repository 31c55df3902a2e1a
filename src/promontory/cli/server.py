"""The commands that need an installation: start it, look after it, ask it."""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

from promontory.errors import BadInput

_JSON = "print plain values as JSON"


def register(subparsers: Any) -> None:
    """Add these commands to the command line."""
    demo = subparsers.add_parser("demo", help="start with the demo company loaded")
    demo.add_argument("--responses", type=int, default=120_000, help="how many answers to load")
    demo.add_argument("--load-only", action="store_true", help="load it, then stop")
    _serving(demo)
    demo.set_defaults(run=run_demo)

    start = subparsers.add_parser("start", help="start this installation")
    _serving(start)
    start.set_defaults(run=run_start)

    worker = subparsers.add_parser("worker", help="work the jobs, beside a `start --no-jobs`")
    worker.add_argument("--threads", type=int, default=2, help="how many jobs at a time")
    worker.set_defaults(run=run_worker)

    doctor = subparsers.add_parser("doctor", help="say what is wrong here and how to mend it")
    doctor.add_argument("--json", action="store_true", help=_JSON)
    doctor.set_defaults(run=run_doctor)

    migrate = subparsers.add_parser("migrate", help="bring the databases up to this version")
    migrate.set_defaults(run=run_migrate)
    check = subparsers.add_parser(
        "migrations-check", help="for developers: does every model have its migration?"
    )
    check.set_defaults(run=run_migrations_check)

    importing = subparsers.add_parser("import", help="import a file of answers")
    importing.add_argument("file", metavar="FILE", type=Path, help="the file of answers")
    importing.add_argument("--survey", help="the key of the survey; needed when there are several")
    importing.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="ROLE=NAME",
        help="say what a column is: score=Note, answered_at=Date, attribute=Region …",
    )
    importing.add_argument("--scale", choices=["0-10", "1-10"], help="the scale of the score")
    importing.add_argument("--zone", help="the time zone of instants without one")
    importing.add_argument("--day", help="the day of the answers, when no column tells it")
    importing.add_argument("--dates", choices=["dmy", "mdy", "ymd"], help="the order in dates")
    importing.add_argument("--preview", action="store_true", help="judge every row, import none")
    importing.add_argument("--rejected", type=Path, help="where to write the rejected rows")
    importing.add_argument("--json", action="store_true", help=_JSON)
    importing.set_defaults(run=run_import)

    ledger = subparsers.add_parser("ledger", help="verify the ledger, or take an anchor of it")
    verbs = ledger.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="recompute every hash and compare every row")
    verify.add_argument("--anchor", type=Path, help="a signed head kept outside this installation")
    verify.add_argument("--json", action="store_true", help=_JSON)
    verify.set_defaults(run=run_verify)
    anchor = verbs.add_parser("anchor", help="sign the head and print it, to keep it elsewhere")
    anchor.set_defaults(run=run_anchor)

    warehouse = subparsers.add_parser("warehouse", help="the projection that answers questions")
    verbs = warehouse.add_subparsers(dest="verb", required=True)
    rebuild = verbs.add_parser("rebuild", help="build it anew from the ledger")
    rebuild.set_defaults(run=run_rebuild)
    status = verbs.add_parser("status", help="how far it has come")
    status.set_defaults(run=run_warehouse_status)

    erase = subparsers.add_parser("erase", help="erase a person for ever; figures stay")
    erase.add_argument("identifier", help="exact e-mail, customer number or telephone")
    erase.add_argument("--yes", action="store_true", help="do not ask again")
    erase.set_defaults(run=run_erase)

    mail_in = subparsers.add_parser(
        "mail-in", help="take a mail that came back (bounce, complaint, reply) from the input"
    )
    mail_in.add_argument(
        "--recipient", default="", metavar="ADDRESS", help="to whom it came, by its envelope"
    )
    mail_in.set_defaults(run=run_mail_in)

    user = subparsers.add_parser("user", help="let a person in, or give a new password")
    verbs = user.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="let a person in; prints their first password")
    add.add_argument("email", metavar="EMAIL", help="the address they sign in with")
    add.add_argument("--name", default="", help="their name")
    add.add_argument("--role", default="analyst", help="what they may do; see the roles")
    add.set_defaults(run=run_user_add)
    password = verbs.add_parser("password", help="give a person a new password")
    password.add_argument("email", metavar="EMAIL", help="the address they sign in with")
    password.set_defaults(run=run_user_password)

    selfcheck = subparsers.add_parser("selfcheck", help="does the product find the planted truths?")
    selfcheck.add_argument("--json", action="store_true", help=_JSON)
    selfcheck.set_defaults(run=run_selfcheck)


def _serving(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--address", default="127.0.0.1", help="where to listen (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="the port, or the first free after")
    parser.add_argument("--no-jobs", action="store_true", help="a separate worker does the jobs")


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promontory.server.settings")
    import django

    django.setup()


def ready(*, migrate: bool = False) -> None:
    """Set up Django, and bring the databases up to this version where that is wanted."""
    _django()
    if migrate:
        _migrate()


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", database="keys", verbosity=0, interactive=False)


def _serve(options: argparse.Namespace, lines: list[str], path: str = "/") -> int:
    """Hand this process over to the server, after saying where it will be."""
    from promontory.server.serve import free_port

    if options.no_jobs and not os.environ.get("PROMONTORY_DATABASE"):
        raise BadInput(
            "SQLite has one process that writes, and that is the server.",
            remedy="Leave --no-jobs out, or set PROMONTORY_DATABASE to a PostgreSQL.",
        )
    port = free_port(options.address, options.port)
    # Where nobody has named our address, links in mails lead to where this process listens.
    os.environ.setdefault("PROMONTORY_URL", f"http://{_named(options.address)}:{port}")
    print(f"\n  Promontory is at  http://{options.address}:{port}{path}", flush=True)
    for line in lines:
        print(f"  {line}", flush=True)
    print("  Ctrl-C stops it.\n", flush=True)
    command = [sys.executable, "-m", "promontory.server.serve"]
    command += ["--address", options.address, "--port", str(port)]
    command += ["--no-jobs"] if options.no_jobs else []
    os.execv(sys.executable, command)


def _named(address: str) -> str:
    """Return the address as a link has it; this machine, where it listens on all there are."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.is_unspecified:
        return "127.0.0.1"
    return f"[{parsed}]" if parsed.version == 6 else str(parsed)


def run_demo(options: argparse.Namespace) -> int:
    _django()
    _migrate()
    from promontory.demo import load

    signed = load.ensure(
        responses=options.responses, progress=_progress("Loading the demo company")
    )
    if options.load_only:
        return 0
    return _serve(
        options, [f"Sign in as        {signed.email}", f"with the password {signed.password}"]
    )


def run_start(options: argparse.Namespace) -> int:
    from promontory.server import state

    if state.is_ready():
        return _serve(options, [])
    _django()
    _migrate()
    from promontory.program.organization import actions
    from promontory.program.organization.models import User

    if User.objects.exists():
        return _serve(options, [])
    lines = ["This installation is new: open that address to set it up (it works once)."]
    return _serve(options, lines, f"/welcome?token={actions.welcome_token()}")


def run_worker(options: argparse.Namespace) -> int:
    _django()
    from promontory.server import embedded

    embedded.work(threads=options.threads)
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    _django()
    from promontory.server import doctor

    return doctor.report(as_json=options.json)


def run_migrate(options: argparse.Namespace) -> int:
    _django()
    _migrate()
    print("The databases are up to date.")
    return 0


def run_migrations_check(options: argparse.Namespace) -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as home:
        os.environ["PROMONTORY_HOME"] = home
        _django()
        from django.core.management import call_command

        call_command("makemigrations", check=True, dry_run=True)
    return 0


def run_verify(options: argparse.Namespace) -> int:
    _django()
    from promontory.server import audit

    return audit.verify(
        anchor=options.anchor, as_json=options.json, progress=_counting("Verifying")
    )


def run_anchor(options: argparse.Namespace) -> int:
    _django()
    from promontory.server import audit

    return audit.anchor()


def run_rebuild(options: argparse.Namespace) -> int:
    _django()
    from promontory.server import upkeep

    return upkeep.rebuild()


def run_warehouse_status(options: argparse.Namespace) -> int:
    _django()
    from promontory.server import upkeep

    return upkeep.status()


def run_import(options: argparse.Namespace) -> int:
    _django()
    _migrate()
    from promontory.server import importing

    return importing.run(options)


def run_erase(options: argparse.Namespace) -> int:
    _django()
    from django.utils import timezone

    from promontory.errors import NotFound
    from promontory.program.customers import queries as customers
    from promontory.program.organization.access import SYSTEM
    from promontory.program.responses import actions

    contact = customers.search_contact(options.identifier, viewer=SYSTEM)
    if contact is None:
        raise NotFound("Nobody here has exactly this e-mail, customer number or telephone.")
    if not options.yes:
        print("Name, addresses, words and raw rows of this person go for ever; scores stay.")
        if input("Type ERASE to go on: ") != "ERASE":
            print("Nothing was erased.")
            return 1
    actions.erase_contact(contact.pk, by=SYSTEM, at=timezone.now())
    print("Erased. Backups made before still hold the encrypted rows, without a key to open them.")
    return 0


def run_mail_in(options: argparse.Namespace) -> int:
    _django()
    import sys

    from django.utils import timezone

    from promontory.program.outreach.actions.delivery_mail import take_mail

    taken = take_mail(sys.stdin.buffer.read(), recipient=options.recipient, at=timezone.now())
    ours, strange = taken.reports.ours, taken.reports.unknown
    print(f"{ours} reports taken, {strange} about no message of ours, {taken.kept} mails kept.")
    return 0


def run_user_add(options: argparse.Namespace) -> int:
    _django()
    from django.utils import timezone

    from promontory.program.organization import actions
    from promontory.program.organization.access import SYSTEM

    person, password = actions.add_person(
        email=options.email, name=options.name, role=options.role, by=SYSTEM, at=timezone.now()
    )
    print(f"{person.email} may sign in with the password {password}")
    return 0


def run_user_password(options: argparse.Namespace) -> int:
    _django()
    import secrets

    from django.utils import timezone

    from promontory.errors import NotFound
    from promontory.program.organization import actions
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.models import User

    person = User.objects.filter(email=options.email.lower()).first()
    if person is None:
        raise NotFound(f"Nobody here has the address {options.email}.")
    password = secrets.token_urlsafe(12)
    actions.change_password(person, password=password, by=SYSTEM, at=timezone.now())
    print(f"{person.email} may sign in with the password {password}")
    return 0


def run_selfcheck(options: argparse.Namespace) -> int:
    _django()
    from promontory.demo import selfcheck

    return selfcheck.report(as_json=options.json)


def _progress(label: str) -> Any:
    """Return a callable(done, total, note) that draws a line on a terminal's error stream."""
    from promontory.cli.progress import bar

    return bar(label)


def _counting(label: str) -> Any:
    draw = _progress(label)
    return lambda done, total: draw(done, total, "")
