"""Loads how the demo company asks: its customers, policy, holds, waves, links, and calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from django.db.models import F
from django.utils import timezone

from promontory.demo import answers, company, customers, waves
from promontory.errors import Broken
from promontory.program.customers import actions as contacts
from promontory.program.customers.codes import ImportStatus
from promontory.program.customers.models import ContactImport
from promontory.program.followup import actions as followup
from promontory.program.followup.models import Case
from promontory.program.organization import queries as organization
from promontory.program.organization.access import SYSTEM, Viewer
from promontory.program.organization.models import User
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.actions.links import make_link
from promontory.program.outreach.models import OpenLink
from promontory.program.responses.models import Answer
from promontory.program.surveys.models import Survey
from promontory.server.handover import work_until

FILE = "customers.csv"
CASES, CALLED = 24, 15


def ensure(folder: Path, last: date, *, owner: str, progress: Callable[[str], None]) -> None:
    """Load what is not there yet; an interrupted load goes on where it was."""
    by = organization.viewer_of(User.objects.get(email=owner))
    people = answers.make_people(np.random.default_rng(company.SEED))
    told = customers.story(people, last, np.random.default_rng([company.SEED, 3]))
    progress("importing the customers")
    _bring_in(folder / FILE, people, told, last)
    outreach.set_policy({}, by=by, at=timezone.now())
    customers.place_holds(people, told, waves.drawn_at(last, waves.PAST[1].back), by.by)
    for past in waves.PAST:
        progress(f"asking: {past.name}")
        waves.ensure_past(past, last, by=by)
    waves.ensure_paused(last, by=by)
    _links(by, at=timezone.now())
    progress("calling back")
    _call(by, at=timezone.now())


def _bring_in(path: Path, people: answers.People, told: customers.Story, last: date) -> None:
    made = ContactImport.objects.filter(file_name=path.name).order_by("-pk").first()
    if made is None or made.status in {ImportStatus.FAILED, ImportStatus.CANCELLED}:
        customers.write_file(path, people, told, last)
        made = contacts.upload(path, path.name, by=SYSTEM, at=timezone.now())
    if made.status == ImportStatus.UPLOADED:
        mapping = customers.mapping(made.proposal)
        contacts.set_mapping(made, mapping, by=SYSTEM, at=timezone.now())
    _settled(made, {ImportStatus.PREVIEWED, ImportStatus.COMMITTING, ImportStatus.DONE})
    if made.status == ImportStatus.PREVIEWED:
        contacts.start_commit(made, by=SYSTEM, at=timezone.now())
    _settled(made, {ImportStatus.DONE})


def _settled(made: ContactImport, wanted: set[ImportStatus]) -> None:
    def is_over() -> bool:
        made.refresh_from_db()
        return made.status in wanted | {ImportStatus.FAILED, ImportStatus.CANCELLED}

    work_until(is_over)
    if made.status not in wanted:
        raise Broken(f"The demo file {made.file_name} was refused: {made.problem}")


def _links(by: Viewer, *, at: datetime) -> None:
    if OpenLink.objects.exists():
        return
    delivery = Survey.objects.get(key="after-delivery")
    for kind, name, depot in (
        ("kiosk", "Tablet at the gate of Depot 01", "Depot 01"),
        ("qr", "On the delivery note", ""),
    ):
        attributes = {"depot": depot} if depot else {}
        make_link(delivery, name=name, kind=kind, attributes=attributes, by=by, at=at)


def _call(by: Viewer, *, at: datetime) -> None:
    """Open cases of low scores of the last month, have their owner told, and call most of them."""
    if Case.objects.exists():
        return
    low = Answer.objects.filter(
        response__survey__key="relationship",
        response__contact__isnull=False,
        question__key="recommend",
        value__lt=7,
        response__answered_at__gt=at - timedelta(days=30),
    ).order_by("-response__answered_at", "-response_id")
    found = list(low.values_list("response_id", "value", "response__answered_at"))
    spread = found[:: max(1, len(found) // CASES)][:CASES]
    opened = []
    for response, value, when in reversed(spread):
        case = followup.open_case(response, score=value, at=when)
        if case is not None:
            opened.append((case, when))
    work_until(lambda: not Case.objects.filter(mailed_at=None, owner__isnull=False).exists())
    # The mails went out just now; in the company's story each went out when its case was opened.
    Case.objects.update(mailed_at=F("opened_at"))
    for number, (case, when) in enumerate(opened[:CALLED]):
        note = "Spoke with them; the reason is known now." if number % 2 else ""
        waited = timedelta(hours=1 + 5 * (number % 6))
        followup.record_call(case, note=note, by=by, at=min(when + waited, at))
