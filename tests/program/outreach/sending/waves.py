"""Drawn waves made on the spot, with customers whose addresses can really be opened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def a_wave(
    customers: Sequence[Mapping[str, Any]],
    *,
    languages: Sequence[str] = ("en",),
    channel: int = 1,
    reminder_days: Sequence[int] = (),
    at: datetime = NOW,
    **fields: Any,
) -> Any:
    """Return a drawn wave whose invitations are due at once, one for each customer."""
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.organization.queries import organization
    from promontory.program.outreach.models import Invitation, Wave
    from promontory.program.surveys.actions import create_survey
    from promontory.program.surveys.models import Survey

    if organization() is None:
        found_organization(name="Acme", zone="UTC", by=SYSTEM, at=at)
    number = Survey.objects.count()
    survey = create_survey(name=f"Survey {number}", promise="identified", by=SYSTEM, at=at)
    version = survey.versions.get()
    version.languages = list(languages)
    version.wording = {language: texts_of(language) for language in languages}
    version.save()
    wave = Wave.objects.create(
        survey=survey,
        version=version,
        kind="drawn",
        name=f"Wave {number}",
        state="drawn",
        plan_kept={"open_days": 30, "reminder_days": list(reminder_days)},
        drawn=len(customers),
        created_at=at,
        created_by="system",
        **fields,
    )
    Invitation.objects.bulk_create(
        Invitation(wave=wave, contact_id=contact, channel=channel, due_at=at, changed_at=at)
        for contact in contacts(customers, at=at)
    )
    return wave


def contacts(customers: Sequence[Mapping[str, Any]], *, at: datetime = NOW) -> list[int]:
    """Make customers of {email, phone, name, language, zone} and return their numbers."""
    from django.conf import settings

    from promontory.program.customers.identity import blind_index
    from promontory.program.customers.models import Contact
    from promontory.program.ledger import actions as ledger
    from promontory.program.ledger.vault import seal_bytes

    people = ledger.create_people(len(customers))
    made = Contact.objects.bulk_create(
        Contact(
            person_id=person.id,
            email_index=blind_index("email", each.get("email", ""), settings.INDEX_KEY),
            phone_index=blind_index("phone", each.get("phone", ""), settings.INDEX_KEY),
            details=seal_bytes(
                person.key,
                json.dumps(
                    {k: v for k, v in each.items() if k in {"email", "phone", "name"}}
                ).encode(),
                b"contact",
            ),
            language=each.get("language", ""),
            zone=each.get("zone", ""),
            created_at=at,
        )
        for person, each in zip(people, customers, strict=True)
    )
    return [contact.pk for contact in made]


def people(count: int, **more: Any) -> list[dict[str, Any]]:
    """Return so many customers to be, each with an address and a name."""
    return [
        {"email": f"customer{n}@example.org", "name": f"Customer {n}", **more} for n in range(count)
    ]


def texts_of(language: str) -> dict[str, str]:
    """Return the texts of a language as a publication freezes them."""
    from promontory.program.surveys.queries.wording import snapshot

    return snapshot([language], {}).texts[language]


def start(wave: Any, *, at: datetime = NOW, ends_at: datetime | None = None) -> None:
    """Start a wave at noon, when nobody sleeps."""
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.sending import start_wave

    start_wave(wave, ends_at=ends_at, by=SYSTEM, at=at)


def work(at: datetime = NOW) -> None:
    """Run all background work that is due."""
    from promontory.jobs.draining import drain

    drain(at=at)


def tick(at: datetime) -> None:
    """Do what the clock does every minute, and the work it brings."""
    from promontory.program.outreach.actions import sending_clock

    sending_clock.close_due(at=at)
    sending_clock.remind_due(at=at)
    sending_clock.send_due(at=at)
    work(at)


def dispositions(wave: Any) -> dict[str, int]:
    """Return how many invitations of a wave have each disposition."""
    from collections import Counter

    from promontory.program.outreach.codes import Disposition

    rows = wave.invitations.values_list("disposition", flat=True)
    return dict(Counter(Disposition(row).name for row in rows))


def later(**span: float) -> datetime:
    """Return a moment after NOW."""
    return NOW + timedelta(**span)
