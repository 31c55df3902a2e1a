"""`promontory import FILE`: the same upload, preview and commit as the pages, from a shell."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

from django.utils import timezone

from promontory.errors import BadInput, NotFound, Place
from promontory.program.organization.access import SYSTEM
from promontory.program.responses import actions, queries
from promontory.program.responses.models import Import
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.proposing import suggested
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.models import Survey
from promontory.server.handover import work_until

OVER = {ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.CANCELLED}


def run(options: argparse.Namespace) -> int:
    """Import a file; return 0, or 1 if it was refused, or 3 if no row could become a response."""
    path: Path = options.file
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", place=Place(file=str(path)))
    survey = _survey(options.survey)
    made = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=timezone.now())
    mapping = declare(suggested(made.proposal), options)
    _say_columns(mapping, made)
    actions.set_mapping(made, mapping, by=SYSTEM, at=timezone.now())
    made = _wait(made, ImportStatus.PREVIEWED)
    if made.status == ImportStatus.FAILED:
        print(f"Refused: {made.problem}", file=sys.stderr)
        return 1
    _say_preview(made)
    if options.rejected:
        _write_rejected(made, options.rejected)
    if not made.preview["counts"].get("good"):
        print("Not one row of this file can become a response; nothing is imported.")
        return 3
    if options.preview:
        return 0
    actions.start_commit(made, by=SYSTEM, at=timezone.now())
    made = _wait(made, ImportStatus.DONE)
    if options.json:
        print(json.dumps({"import": made.pk, "status": made.status, "report": made.report}))
    elif made.status == ImportStatus.DONE:
        for name, value in made.report.items():
            print(f"  {name}: {value:,}" if isinstance(value, int) else f"  {name}: {value}")
        print(f"Import {made.pk} is done.")
    if made.status != ImportStatus.DONE:
        print(f"Refused: {made.problem}", file=sys.stderr)
        return 1
    return 0


def declare(mapping: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Return the proposed mapping with what the command line says instead."""
    by_name = {column["name"]: column for column in mapping["columns"]}
    for said in options.column:
        role, equals, name = said.partition("=")
        if not equals or name not in by_name:
            raise BadInput(
                f"“{said}” names no column of this file.",
                remedy=f"Say ROLE=NAME with one of: {', '.join(by_name)}.",
                place=Place(field="--column"),
            )
        _take(by_name, role.strip().lower(), name)
    if options.scale:
        for column in by_name.values():
            if column["role"] == "answer" and column.get("metric", "nps") in {"nps", ""}:
                column["scale"] = options.scale
                column["metric"] = "nps" if options.scale == "0-10" else ""
    if options.zone:
        mapping["zone"] = options.zone
    if options.dates:
        mapping["order"] = options.dates
    if options.day:
        mapping["fixed_day"] = options.day
    return mapping


ALIASES = {"score": "answer", "answered_at": "at", "date": "at", "person": "customer"}
METRICS = {"nps", "csat", "ces"}


def _take(by_name: dict[str, dict[str, Any]], role: str, name: str) -> None:
    """Give a column a role; a column that had the same single role before loses it."""
    metric = role if role in METRICS else ("nps" if role == "score" else "")
    role = "answer" if role in METRICS else ALIASES.get(role, role)
    for other in by_name.values():
        is_same = other["role"] == role and other.get("metric", "") == metric
        if is_same and role not in {"attribute", "ignore"}:
            other["role"] = "ignore"
    by_name[name] |= {"role": role}
    if role == "answer":
        by_name[name] |= {"metric": metric}
        by_name[name].setdefault("question", "recommend" if metric == "nps" else "")


def _survey(key: str | None) -> Survey:
    if key:
        return surveys.survey(key, viewer=SYSTEM)
    found = list(surveys.surveys(viewer=SYSTEM)[:2])
    if not found:
        raise NotFound("There is no survey yet.", remedy="Make one in the pages, under Import.")
    if len(found) > 1:
        every = ", ".join(survey.key for survey in surveys.surveys(viewer=SYSTEM))
        raise BadInput("There are several surveys.", remedy=f"Say --survey, one of: {every}.")
    return found[0]


def _wait(made: Import, wanted: ImportStatus) -> Import:
    def is_done() -> bool:
        made.refresh_from_db()
        return made.status == wanted or made.status in OVER

    work_until(is_done)
    return queries.one_import(made.pk, viewer=SYSTEM)


def _say_columns(mapping: dict[str, Any], made: Import) -> None:
    why = {column["name"]: column["why"] for column in made.proposal["columns"]}
    print(f"{made.file_name}: {made.proposal['format']}", file=sys.stderr)
    for column in mapping["columns"]:
        taken = column["role"]
        if taken == "answer":
            metric = column.get("metric") or "kept raw, outside the score"
            taken = f"answer ({metric}, {column.get('scale', '0-10')})"
        print(f"  {column['name']:<24} {taken:<28} {why.get(column['name'], '')}", file=sys.stderr)
    for question in made.proposal["questions"]:
        print(f"  ? {question['text']}", file=sys.stderr)
    for same in made.proposal.get("same file", []):
        print(f"  This very file was imported before, as import {same['import']}.", file=sys.stderr)


def _say_preview(made: Import) -> None:
    for name, count in made.preview["counts"].items():
        print(f"  {name}: {count:,}", file=sys.stderr)
    for reason, count in made.preview["reasons"].items():
        print(f"  refused, {reason}: {count:,}", file=sys.stderr)


def _write_rejected(made: Import, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for row in queries.rejected_rows(made, viewer=SYSTEM):
            writer.writerow(row)
