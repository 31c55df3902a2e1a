"""Keeping what a respondent did: one durable row each before it is acknowledged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings

from promontory.program.answering.codes import Act
from promontory.program.answering.models import Intake
from promontory.program.ledger.vault import open_bytes, seal_bytes

_PLACE = b"intake"


@dataclass(frozen=True, slots=True)
class NewAct:
    """One act of a respondent, read and found good.

    It belongs to an invitation or to an open link; `session` is the page (or the person at the
    kiosk) it came from, and tells one answer by a link from another. `answers` are by question
    key, None for asked and not answered; `words` what was written; `score` the one clicked;
    `attributes` labels by dimension key. `adds` puts the words after what was said before instead
    of in its place, as messages of a conversation do.
    """

    act: Act
    survey: int
    version: int
    session: str
    channel: int
    received_at: datetime
    invitation: int | None = None
    link: int | None = None
    language: str = ""
    answers: Mapping[str, int | None] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    score: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    answered_at: datetime | None = None
    adds: bool = False


def keep(acts: Sequence[NewAct]) -> None:
    """Make acts durable; returned from, they may be acknowledged and will be settled soon."""
    Intake.objects.bulk_create([_row(act) for act in acts])


def _row(act: NewAct) -> Intake:
    said: dict[str, Any] = {
        "language": act.language,
        "answers": dict(act.answers),
        "words": dict(act.words),
        "score": act.score,
        "attributes": dict(act.attributes),
        "adds": act.adds,
    }
    if act.answered_at is not None:
        said["answered_at"] = act.answered_at.isoformat()
    sealed = seal_bytes(_key(), json.dumps(said).encode(), _PLACE)
    return Intake(
        act=act.act,
        survey=act.survey,
        version=act.version,
        invitation=act.invitation,
        link=act.link,
        session=act.session,
        channel=act.channel,
        sealed=sealed,
        received_at=act.received_at,
    )


def opened(row: Intake) -> NewAct:
    """Return what a row keeps."""
    said = json.loads(open_bytes(_key(), bytes(row.sealed), _PLACE))
    answered = said.get("answered_at")
    return NewAct(
        act=Act(row.act),
        survey=row.survey,
        version=row.version,
        invitation=row.invitation,
        link=row.link,
        session=row.session,
        channel=row.channel,
        received_at=row.received_at,
        language=said["language"],
        answers=said["answers"],
        words=said["words"],
        score=said["score"],
        attributes=said["attributes"],
        answered_at=datetime.fromisoformat(answered) if answered else None,
        adds=said["adds"],
    )


def _key() -> bytes:
    # Of the installation and not of the person: it lives for a second or two, and looking up the
    # key of a person would cost more than keeping the row.
    return blake2b(settings.MASTER_KEY, digest_size=32, person=b"intake").digest()
