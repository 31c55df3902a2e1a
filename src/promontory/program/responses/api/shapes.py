"""The shapes of responses in the API, and the bounds of what may be said about time."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from ninja import Field, Schema

from promontory.errors import BadInput, Place
from promontory.program.responses.queries import Shown

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class AnswerOut(Schema):
    """The answer to one question."""

    key: str
    metric: str
    value: int


class HappeningOut(Schema):
    """One ledger entry about a response; position 0 is not sealed yet."""

    position: int
    at: datetime
    what: str
    by: str
    detail: str


class ResponseOut(Schema):
    """A response as far as the promise and your role allow."""

    id: int
    survey: str
    promise: str
    answered_at: datetime
    received_at: datetime
    group: str = Field(examples=["promoter", "passive", "detractor", ""])
    answers: list[AnswerOut]
    comment: str
    is_masked: bool = Field(description="Personal data in the comment is covered.")
    channel: str
    language: str
    attributes: dict[str, str]
    exclusions: list[str]
    source: int | None = Field(description="The number of the import it came by.")
    row: int | None
    vendor_id: str
    person: dict[str, str]
    account: str
    history: list[HappeningOut]


def shown(found: Shown) -> ResponseOut:
    return ResponseOut(
        id=found.id,
        survey=found.survey_key,
        promise=found.promise,
        answered_at=found.answered_at,
        received_at=found.received_at,
        group=found.group,
        answers=[AnswerOut(key=a.key, metric=a.metric, value=a.value) for a in found.answers],
        comment=found.comment,
        is_masked=found.is_masked,
        channel=found.channel,
        language=found.language,
        attributes=dict(found.attributes),
        exclusions=[name.lower() for name in found.exclusions],
        source=found.source,
        row=found.row,
        vendor_id=found.vendor_id,
        person=dict(found.person),
        account=found.account,
        history=[HappeningOut(**asdict(line)) for line in found.history],
    )


def instant(at: datetime | None, field: str) -> datetime | None:
    """Return a time that says its zone and lies within reason; refuse any other."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise BadInput(
            "This time has no zone.", remedy="Write 2026-03-31T12:00:00Z.", place=Place(field=field)
        )
    try:
        moment = at.astimezone(UTC)
    except OverflowError:
        moment = _LATEST
    if not _EARLIEST <= moment < _LATEST:
        raise BadInput("This time lies outside the years 1900 to 2199.", place=Place(field=field))
    return moment
