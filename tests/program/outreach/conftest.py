"""A survey, and customers made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def own_home(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of each test are its own."""
    from django.conf import settings

    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.server.home import Home

    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    found_organization(name="Test", zone="UTC", by=SYSTEM, at=NOW)
    return tmp_path


@pytest.fixture
def survey(own_home: Path) -> Any:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.surveys.actions import create_survey

    return create_survey(name="Relationship", promise="identified", by=SYSTEM, at=NOW)


def make_contacts(
    count: int,
    *,
    account: int | None = None,
    household: int | None = None,
    attributes: dict[str, int] | None = None,
    **fields: Any,
) -> list[int]:
    """Make so many contacts with e-mail; what is given is so for all of them."""
    from promontory.program.customers.models import Contact
    from promontory.program.ledger import actions as ledger

    people = ledger.create_people(count)
    made = Contact.objects.bulk_create(
        [
            Contact(
                person_id=person.id,
                account_id=account,
                household=household,
                attributes=attributes or {},
                email_index=person.id.to_bytes(16, "big"),
                details=b"sealed",
                created_at=NOW,
                **fields,
            )
            for person in people
        ]
    )
    return sorted(contact.pk for contact in made)
