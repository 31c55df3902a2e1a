"""`promontory contacts import FILE`: upload, preview and commit as in the pages, from a shell."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

from django.utils import timezone

from promontory.errors import BadInput, NotFound, Place
from promontory.program.customers import actions, queries
from promontory.program.customers.codes import ImportStatus
from promontory.program.customers.models import ContactImport
from promontory.program.customers.rules.mapping import roles_of
from promontory.program.customers.rules.proposing import suggested
from promontory.program.organization import queries as organization
from promontory.program.organization.access import SYSTEM
from promontory.server.handover import work_until

OVER = {ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.CANCELLED}


def run(options: argparse.Namespace) -> int:
    """Import a file; return 0, or 1 if it was refused, or 3 if no row of it can be taken."""
    path: Path = options.file
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", place=Place(file=str(path)))
    ours = organization.organization()
    if ours is None:
        raise NotFound("This installation is empty.", remedy="Start it, and set it up, first.")
    made = actions.upload(path, path.name, kind=options.kind, by=SYSTEM, at=timezone.now())
    mapping = _declared(suggested(made.proposal, made.kind), options)
    mapping |= {
        "zone": options.zone or ours.zone,
        "order": options.dates,
        "region": options.country.upper(),
        "basis": options.basis,
    }
    for column in mapping["columns"]:
        print(f"  {column['name']:<24} {column['role']}", file=sys.stderr)
    actions.set_mapping(made, mapping, by=SYSTEM, at=timezone.now())
    made = _wait(made, ImportStatus.PREVIEWED)
    if made.status == ImportStatus.FAILED:
        print(f"Refused: {made.problem}", file=sys.stderr)
        return 1
    counts, reasons = made.preview["counts"], made.preview["reasons"]
    for name, count in counts.items():
        print(f"  {name}: {count:,}", file=sys.stderr)
    for reason, count in reasons.items():
        print(f"  set apart, {reason}: {count:,}", file=sys.stderr)
    if not counts.get("good"):
        print("Not one row of this file can be taken; nothing is imported.")
        return 3
    if not options.preview:
        actions.start_commit(made, by=SYSTEM, at=timezone.now())
        made = _wait(made, ImportStatus.DONE)
    if options.rejected:
        _write_rejected(made, options.rejected)
    return _said(made, options)


def _said(made: ContactImport, options: argparse.Namespace) -> int:
    if options.json:
        report = made.preview["counts"] if options.preview else made.report
        print(json.dumps({"import": made.pk, "status": made.status, "report": report}))
    elif made.status == ImportStatus.DONE:
        for name, value in made.report.items():
            if isinstance(value, int):
                print(f"  {name}: {value:,}")
        print(f"Import {made.pk} is done.")
    if made.status in {ImportStatus.FAILED, ImportStatus.CANCELLED}:
        print(f"Refused: {made.problem or 'it was cancelled.'}", file=sys.stderr)
        return 1
    return 0


def _declared(mapping: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Return the proposed mapping with what the command line says instead."""
    by_name = {column["name"]: column for column in mapping["columns"]}
    known = [*roles_of(options.kind), "ignore"]
    for said in options.column:
        role, equals, name = said.partition("=")
        role = role.strip().lower()
        if not equals or name not in by_name or role not in known:
            raise BadInput(
                f"“{said}” is not a role and a column of this file.",
                remedy=f"Roles: {', '.join(known)}. Columns: {', '.join(by_name)}.",
                place=Place(field="--column"),
            )
        for other in by_name.values():
            if other["role"] == role and role not in {"attribute", "declared"}:
                other["role"] = "ignore"
        by_name[name]["role"] = role
    return mapping


def _wait(made: ContactImport, wanted: ImportStatus) -> ContactImport:
    def is_done() -> bool:
        made.refresh_from_db()
        return made.status == wanted or made.status in OVER

    work_until(is_done)
    return queries.one_import(made.pk, viewer=SYSTEM)


def _write_rejected(made: ContactImport, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(queries.rejected_rows(made, viewer=SYSTEM))
