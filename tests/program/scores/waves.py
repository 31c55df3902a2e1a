"""Waves with their invitations, made on the spot: so many asked, ended so and so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from promontory.program.customers.models import Contact
from promontory.program.ledger import actions as ledger
from promontory.program.outreach.codes import Disposition, WaveKind, WaveState
from promontory.program.outreach.models import Invitation, Stratum, Wave
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import Survey


def make_wave(
    survey: Survey,
    at: datetime,
    asked: Mapping[str, Mapping[Disposition, int]],
    *,
    name: str = "Wave",
    held: Mapping[Disposition, int] | None = None,
    stratum: str = "",
    language: str = "",
    attributes: Mapping[str, int] | None = None,
    closes: int = 30,
) -> Wave:
    """Make a wave: for each channel, how many of those asked ended by each disposition."""
    count = sum(sum(ends.values()) for ends in asked.values())
    wave = Wave.objects.create(
        survey=survey,
        kind=WaveKind.DRAWN,
        name=name,
        state=WaveState.SENT,
        eligible=count,
        drawn=count,
        frame_size=count + sum((held or {}).values()),
        drawn_at=at,
        closes_at=at + timedelta(days=closes),
        created_at=at,
        created_by="test",
        dry_run={"held": {str(int(code)): n for code, n in (held or {}).items()}},
    )
    if stratum:
        Stratum.objects.create(wave=wave, number=0, label=stratum, eligible=count, drawn=count)
    contacts = iter(_contacts(count, at, language, dict(attributes or {})))
    Invitation.objects.bulk_create(
        Invitation(
            wave=wave,
            contact=next(contacts),
            channel=CHANNELS[channel],
            disposition=int(disposition),
            due_at=at,
            invited_at=at,
            changed_at=at,
        )
        for channel, ends in asked.items()
        for disposition, n in ends.items()
        for _ in range(n)
    )
    return wave


def _contacts(count: int, at: datetime, language: str, attributes: Any) -> list[Contact]:
    people = ledger.create_people(count)
    return Contact.objects.bulk_create(
        [
            Contact(
                person_id=person.id,
                language=language,
                attributes=attributes,
                email_index=person.id.to_bytes(16, "big"),
                details=b"sealed",
                created_at=at,
            )
            for person in people
        ]
    )
