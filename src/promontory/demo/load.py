"""Loads the demo company through the same doors a customer would use: surveys, files, imports."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from promontory.demo import answers, asking, company, records
from promontory.errors import Broken, Conflict
from promontory.program.organization import actions as organization
from promontory.program.organization import queries as organization_queries
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.models import User
from promontory.program.responses import actions as responses
from promontory.program.responses.models import Import
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.proposing import suggested
from promontory.program.scores import actions as scores
from promontory.program.surveys import actions as surveys
from promontory.program.surveys.models import Journey, Survey, Touchpoint
from promontory.server.handover import work_until

Progress = Callable[[int, int, str], None]

OWNER = ("demo@northreach.example", "Dana Owner", "administrator")
OTHERS = (
    ("analyst@northreach.example", "Ana Analyst", "analyst"),
    ("executive@northreach.example", "Edda Executive", "executive"),
    ("frontline@northreach.example", "Finn Frontline", "frontline"),
    ("auditor@northreach.example", "Aki Auditor", "auditor"),
)
DECLARED = {"region", "segment", "product", "tenure", "role", "depot", "agent", "channel"}
EFFORT = surveys.NewQuestion(
    key="effort", metric="ces", text="They made it easy to handle my issue."
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A ready sign-in."""

    email: str
    password: str


def ensure(*, responses: int, progress: Progress) -> SignIn:
    """Load the demo company if this installation is empty, finish it if it was interrupted.

    The password is made anew each time: it is printed, never kept in the clear.
    """
    existing = organization_queries.organization()
    if existing is not None and not existing.is_demo:
        raise Conflict(
            f"This installation is {existing.name}'s; the demo company needs one of its own.",
            remedy="Set PROMONTORY_HOME to an empty folder.",
        )
    at = timezone.now()
    with transaction.atomic():
        organization.found_organization(
            name=company.NAME, zone=company.ZONE, is_demo=True, by=SYSTEM, at=at
        )
        scores.ensure_default_method(by=SYSTEM, at=at)
        signed = _sign_in(at)
    _load_surveys(responses, at, progress)
    return signed


def _sign_in(at: datetime) -> SignIn:
    password = secrets.token_urlsafe(9)
    for email, name, role in (OWNER, *OTHERS):
        person = User.objects.filter(email=email).first()
        if person is None:
            organization.add_person(
                email=email, name=name, role=role, password=password, by=SYSTEM, at=at
            )
        else:
            organization.change_password(person, password=password, by=SYSTEM, at=at)
    return SignIn(OWNER[0], password)


def _load_surveys(count: int, at: datetime, progress: Progress) -> None:
    """Make each survey with its files, and import what is not there yet."""
    last = at.astimezone(ZoneInfo(company.ZONE)).date() - timedelta(days=1)
    folder = settings.HOME.root / "demo"
    files = [
        ("relationship.parquet", "relationship"),
        ("support.csv", "after-support"),
        ("delivery.csv", "after-delivery"),
        ("delivery-kiosks-again.csv", "after-delivery"),
    ]
    if not all((folder / name).exists() for name, _ in files):
        progress(0, 4, "making the answers")
        _write_files(folder, count, last)
    made = _make_surveys(at)
    for done, (name, key) in enumerate(files):
        progress(done, len(files), f"importing {name}")
        _bring_in(folder / name, made[key])
    asking.ensure(
        folder,
        date.fromisoformat((folder / "last-day").read_text()),
        owner=OWNER[0],
        progress=lambda note: progress(len(files), len(files), note),
    )
    progress(len(files), len(files), "ready")


def _write_files(folder: Path, count: int, last: date) -> None:
    random = np.random.default_rng(company.SEED)
    people = answers.make_people(random)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "last-day").write_text(last.isoformat())
    relationship = answers.relationship(people, count // 2, last, random)
    support = answers.support(people, count * 3 // 8, last, random)
    # A stream of its own, in which chance alone sets no depot apart.
    delivery = answers.delivery(count // 8, last, np.random.default_rng([company.SEED, 1]))
    month = f"{last - timedelta(days=200):%Y-%m}"
    of_month = delivery.filter(pc.starts_with(delivery["answered_at"], month))
    again = of_month.filter(pc.is_in(of_month["depot"], pa.array(["Depot 01", "Depot 02"])))
    again = again.slice(0, 400)
    pq.write_table(relationship, folder / "relationship.parquet")
    pa_csv.write_csv(support, folder / "support.csv")
    pa_csv.write_csv(delivery, folder / "delivery.csv")
    others = np.random.default_rng([company.SEED, 2])
    pa_csv.write_csv(records.readings(last, others), folder / "readings.csv")
    pa_csv.write_csv(records.outcomes(people, last, others), folder / "outcomes.csv")
    pa_csv.write_csv(again, folder / "delivery-kiosks-again.csv")


def _make_surveys(at: datetime) -> dict[str, Survey]:
    with transaction.atomic():
        journey, _ = Journey.objects.get_or_create(name="Rent and return")
        support, _ = Touchpoint.objects.get_or_create(
            key="support", defaults={"journey": journey, "position": 2, "name": "Support call"}
        )
        delivery, _ = Touchpoint.objects.get_or_create(
            key="delivery", defaults={"journey": journey, "position": 1, "name": "Delivery"}
        )
        plans: dict[str, dict[str, Any]] = {
            "relationship": {"name": "Relationship", "promise": "identified"},
            "after-support": {
                "name": "After support",
                "kind": "transactional",
                "promise": "confidential",
                "touchpoint": support,
                "questions": (surveys.RECOMMENDATION, EFFORT, surveys.REASON),
            },
            "after-delivery": {
                "name": "After delivery",
                "kind": "transactional",
                "promise": "anonymous",
                "touchpoint": delivery,
            },
        }
        for key, plan in plans.items():
            if not Survey.objects.filter(key=key).exists():
                surveys.create_survey(key=key, by=SYSTEM, at=at, **plan)
    return {survey.key: survey for survey in Survey.objects.all()}


def _bring_in(path: Path, survey: Survey) -> None:
    """Import one file, or take up the import of it that a crash left behind."""
    made = Import.objects.filter(file_name=path.name).order_by("-pk").first()
    if made is None or made.status in {ImportStatus.FAILED, ImportStatus.CANCELLED}:
        made = responses.upload(path, path.name, survey=survey, by=SYSTEM, at=timezone.now())
    if made.status == ImportStatus.UPLOADED:
        responses.set_mapping(made, _mapping(made), by=SYSTEM, at=timezone.now())
    made = _settled(made, {ImportStatus.PREVIEWED, ImportStatus.COMMITTING, ImportStatus.DONE})
    if made.status == ImportStatus.PREVIEWED:
        responses.start_commit(made, by=SYSTEM, at=timezone.now())
    _settled(made, {ImportStatus.DONE})


def _mapping(made: Import) -> dict[str, Any]:
    mapping = suggested(made.proposal) | {"zone": company.ZONE}
    for column in mapping["columns"]:
        name = column["name"]
        if name == "effort":
            column |= {"role": "answer", "metric": "ces", "scale": "1-7", "question": "effort"}
        elif name in DECLARED and name != "channel":
            column |= {"role": "attribute", "dimension": name, "declared": name != "agent"}
            column["label"] = name.capitalize()
    return mapping


def _settled(made: Import, wanted: set[ImportStatus]) -> Import:
    def is_done() -> bool:
        made.refresh_from_db()
        return made.status in wanted | {ImportStatus.FAILED, ImportStatus.CANCELLED}

    work_until(is_done)
    if made.status not in wanted:
        raise Broken(f"The demo file {made.file_name} was refused: {made.problem}")
    return made
