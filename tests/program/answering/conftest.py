"""A wave with somebody invited, as drawing and sending leave it behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Warehouse and anchors of each test are its own; nobody has asked too often yet."""
    from django.conf import settings

    from promontory.program.answering.doors import flood
    from promontory.program.answering.queries import papers
    from promontory.server.home import Home

    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    flood.forget()
    papers.forget()
    return tmp_path


@pytest.fixture
def survey(db: None) -> Any:
    return make_survey()


@pytest.fixture
def invited(survey: Any) -> Invited:
    return invite(survey)


@dataclass
class Invited:
    """Somebody invited, and the link in their mail."""

    invitation: Any
    contact: Any
    token: str

    @property
    def link(self) -> str:
        return f"/r/{self.token}"

    @property
    def disposition(self) -> Any:
        from promontory.program.outreach.codes import Disposition

        self.invitation.refresh_from_db()
        return Disposition(self.invitation.disposition)


def make_survey(**given: Any) -> Any:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.organization.models import Organization
    from promontory.program.surveys.actions import create_survey

    if not Organization.objects.exists():
        found_organization(name="Northwind", zone="UTC", by=SYSTEM, at=NOW)
    return create_survey(
        **{"name": "Relationship", "promise": "identified", **given}, by=SYSTEM, at=NOW
    )


def invite(survey: Any, *, email: str = "ada@example.org", **wave: Any) -> Invited:
    """Make a wave that was sent, and an invitation in it by e-mail."""
    from django.conf import settings

    from promontory.program.customers.actions import resolve_contact
    from promontory.program.outreach import tokens
    from promontory.program.outreach.codes import Disposition
    from promontory.program.outreach.models import Invitation, Wave

    given = {
        "survey": survey,
        "version": survey.versions.order_by("-number").first(),
        "kind": "drawn",
        "name": "May",
        "state": "sent",
        "created_at": NOW,
        "created_by": "system",
        "starts_at": NOW,
        "closes_at": datetime(2100, 1, 1, tzinfo=UTC),
    }
    made = Wave.objects.create(**(given | wave))
    contact = resolve_contact(email=email, at=NOW)
    invitation = Invitation.objects.create(
        wave=made,
        contact=contact,
        channel=1,
        weight=2_500_000,
        disposition=Disposition.SENT,
        due_at=NOW,
        invited_at=NOW,
        changed_at=NOW,
    )
    return Invited(invitation, contact, tokens.make(invitation.pk, settings.TOKEN_KEY))


@pytest.fixture
def settled() -> Callable[..., int]:
    """Settle what was kept, at a time after it; nameless answers wait for company till later."""
    from django.utils import timezone

    from promontory.program.answering.actions.settling import settle

    return lambda minutes=0: settle(at=timezone.now() + timedelta(minutes=minutes, seconds=1))
