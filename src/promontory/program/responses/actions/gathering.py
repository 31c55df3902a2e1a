"""Recording answers many at a time: each statement once for all of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from promontory.errors import BadInput, Conflict, Place
from promontory.program.customers import actions as customers
from promontory.program.customers.models import LANGUAGE, Contact, Dimension, DimensionValue
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import NONCE_BYTES, Sealer
from promontory.program.organization.access import Viewer
from promontory.program.organization.models import OrgUnit
from promontory.program.outreach.models import Invitation
from promontory.program.responses.actions.changing import (
    Pairs,
    checked,
    day_start,
    local_day,
    metric_code,
    raw_text,
    tell,
    zone,
)
from promontory.program.responses.actions.writing import insert_rows
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import Answer, RawRow, Response, Verbatim
from promontory.program.responses.rules.kept import (
    NOT_ANSWERED,
    UNIT_WEIGHT,
    compact,
    content_key,
    kept,
    personal,
    source_key,
)
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import Question, Survey, SurveyVersion

_RESPONSE = (
    "id", "survey_id", "version_id", "vendor_id", "contact_id", "invitation_id", "weight",
    "is_partial", "account_id", "unit_id", "answered_at", "local_day", "received_at", "channel",
    "language", "attributes", "mask", "source_key", "content_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What came back from one contact.

    `answers` are by metric or question key, None for asked and not answered; `given_id` is the
    answer's number where it comes from, by which recording it again does nothing; `attributes` are
    labels by dimension key, `codes` codes by dimension id. `version` is the one that was asked
    (None: the present one), `weight` the base weight of its invitation in millionths, `words` what
    else came in, to be kept encrypted. A partial response may still be completed.
    """

    survey: Survey
    answers: Mapping[str, int | None]
    answered_at: datetime
    given_id: str
    contact: Contact | None = None
    account: str = ""
    comment: str = ""
    language: str = ""
    channel: str = "unknown"
    unit: OrgUnit | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    mask: Excluded = Excluded.NONE
    version: SurveyVersion | None = None
    invitation: Invitation | None = None
    weight: int = UNIT_WEIGHT
    is_partial: bool = False
    codes: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic(savepoint=False)
def record_all(news: Sequence[NewResponse], *, by: Viewer, at: datetime) -> list[int]:
    """Keep answers, in the ledger too, and return the id of each one's response, in order.

    A `given_id` that is kept already, or comes twice, is one response. All are kept or none.
    """
    keys = [_key(new) for new in news]
    known = _recorded(keys)
    fresh = {key: new for key, new in zip(keys, news, strict=True) if key not in known}
    if fresh:
        made = _Batch(list(fresh.values()), at).write(list(fresh), by=by)
        known |= dict(zip(fresh, made, strict=True))
    return [known[key] for key in keys]


def _key(new: NewResponse) -> bytes:
    if new.answered_at.tzinfo is None:
        raise BadInput("The time of an answer needs its zone.", place=Place(field="answered_at"))
    if not new.given_id.strip():
        raise BadInput("An answer needs an id of its own.", place=Place(field="id"))
    return source_key(settings.INDEX_KEY, new.survey.pk, "id", new.given_id)


def _recorded(keys: Collection[bytes]) -> dict[bytes, int]:
    # In SQL of our own, here and below: Django takes longer to phrase it than it takes to find.
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT source_key, id FROM {Response._meta.db_table} "
            f"WHERE source_key IN ({_marks(keys)})",
            list(keys),
        )
        return {bytes(key): int(pk) for key, pk in cursor.fetchall()}


class _Batch:
    """Some new answers, and what is looked up once for all of them."""

    def __init__(self, news: Sequence[NewResponse], at: datetime) -> None:
        self.news = news
        self.at = at
        self.zone = zone()
        self.instants: dict[datetime, _Instant] = {}
        self.questions: dict[int, list[Question]] = {}
        self.codes: dict[tuple[str, str], int] = {}
        self.dimensions: dict[str, Dimension] = {}
        if any(new.attributes or new.codes for new in news):
            self.dimensions = {d.key: d for d in Dimension.objects.all()}
        self.declared = {str(d.pk) for d in self.dimensions.values() if d.is_declared}
        self.languages = _language_codes({_language(new) for new in news}, at=at)
        named = {new.account for new in news if new.account}
        self.accounts = customers.ensure_accounts(named, at=at) if named else {}
        self.owners = _owners([_contact(new) for new in news])

    def write(self, keys: Sequence[bytes], *, by: Viewer) -> list[int]:
        """Insert everything that these answers are, tell of them, and return their ids."""
        ids = ledger.draw_ids(Response, len(self.news))
        made = [
            self._made(new, id, key, owner, by=by)
            for new, id, key, owner in zip(self.news, ids, keys, self.owners, strict=True)
        ]
        with connection.cursor() as cursor:
            insert_rows(cursor, Response, _RESPONSE, [each.row for each in made])
            insert_rows(
                cursor,
                Answer,
                ("response_id", "question_id", "value"),
                [
                    (each.id, question.pk, value)
                    for each in made
                    for question, value in each.answers
                    if value != NOT_ANSWERED
                ],
            )
            insert_rows(
                cursor,
                Verbatim,
                ("response_id", "text", "language"),
                [(each.id, each.comment, each.language) for each in made if each.comment],
            )
            sealed = [(each.id, each.sealed) for each in made]
            insert_rows(cursor, RawRow, ("response_id", "sealed"), sealed)
        for kept_at in dict.fromkeys(each.kept_at for each in made):
            ledger.append([each.entry for each in made if each.kept_at == kept_at], at=kept_at)
        for new, each in zip(self.news, made, strict=True):
            tell(
                each.answers,
                response=each.id,
                survey=new.survey.pk,
                mask=new.mask,
                is_partial=new.is_partial,
                at=self.at,
            )
        return ids

    def _made(self, new: NewResponse, id: int, key: bytes, owner: _Owner, *, by: Viewer) -> _Made:
        survey, comment, language = new.survey, new.comment.strip(), _language(new)
        version = new.version or surveys.current_version(survey)
        answers = checked(new.answers, self._questions(version), comment)
        is_anonymous = survey.promise == "anonymous"
        contact = _contact(new)
        answered = self._instant(new.answered_at, is_anonymous)
        kept_at = self._instant(self.at, is_anonymous)
        day, channel = answered.day, _channel(new.channel)
        account = self.accounts[new.account] if new.account else None
        attributes, stratum = self._attributes(new)
        raw = raw_text(new.answers, new.attributes, new.words)
        undeclared = {d: code for d, code in attributes.items() if d not in stratum}
        contact_pk = contact.pk if contact else None
        row = (
            id,
            survey.pk,
            version.pk,
            "" if is_anonymous or new.invitation else new.given_id[:200],
            contact_pk,
            None if is_anonymous or new.invitation is None else new.invitation.pk,
            new.weight,
            new.is_partial,
            account[0] if account else None,
            new.unit.pk if new.unit else None,
            answered.stored,
            day,
            kept_at.stored,
            channel,
            language,
            compact(attributes),
            int(new.mask),
            key,
            content_key(
                settings.INDEX_KEY,
                survey.pk,
                answered.text,
                [value for _, value in answers],
                comment,
                _most_telling(contact),
            ),
        )
        entry = ledger.NewEntry(
            kind=ledger.Kind.ANSWER,
            by=by.by,
            kept=kept(
                response=id,
                survey=survey.pk,
                version=version.pk,
                answers=[[metric_code(question), value] for question, value in answers],
                day=day,
                channel=channel,
                language=self.languages[language] if language else 0,
                unit=new.unit.pk if new.unit else 0,
                weight=new.weight,
                person=contact.person.cluster if contact else 0,
                account=account[1] if account else 0,
                mask=int(new.mask),
                stratum=stratum,
            ),
            subject=id,
            person=owner.person,
            local_day=day,
            personal=owner.sealer.commitment(
                personal(
                    contact=contact_pk,
                    raw=raw,
                    verbatim=comment or None,
                    undeclared=compact(undeclared),
                )
            ),
        )
        sealed = owner.sealer.seal(raw.encode(), b"raw %d" % id, os.urandom(NONCE_BYTES))
        return _Made(id, row, answers, comment, language, sealed, entry, kept_at.at)

    def _instant(self, at: datetime, is_anonymous: bool) -> _Instant:
        """Return an instant, of which only the day is kept under an anonymous promise."""
        at = day_start(at, self.zone) if is_anonymous else at
        if (found := self.instants.get(at)) is None:
            text = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")
            found = _Instant(at, local_day(at, self.zone), _moment(at), text)
            self.instants[at] = found
        return found

    def _questions(self, version: SurveyVersion) -> list[Question]:
        if version.pk not in self.questions:
            self.questions[version.pk] = list(version.questions.all())
        return self.questions[version.pk]

    def _attributes(self, new: NewResponse) -> tuple[dict[str, int], dict[str, int]]:
        """Return the codes by dimension id, and those of declared dimensions."""
        attributes = dict(new.codes)
        stratum = {pk: code for pk, code in attributes.items() if pk in self.declared}
        for key, label in new.attributes.items():
            dimension = self.dimensions.get(key)
            if dimension is None:
                raise BadInput(f"There is no dimension “{key}”.", place=Place(field=key))
            if label.strip():
                code = self._code(dimension, label.strip()[:300])
                attributes[str(dimension.pk)] = code
                if dimension.is_declared:
                    stratum[str(dimension.pk)] = code
        return attributes, stratum

    def _code(self, dimension: Dimension, label: str) -> int:
        if (dimension.key, label) not in self.codes:
            code = customers.ensure_codes(dimension.pk, [label])[label]
            self.codes[dimension.key, label] = code
        return self.codes[dimension.key, label]


@dataclass(frozen=True, slots=True)
class _Owner:
    """The person of the ledger whose an answer is, and their cipher."""

    person: int
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class _Instant:
    at: datetime
    day: int
    stored: Any
    text: str


@dataclass(frozen=True, slots=True)
class _Made:
    id: int
    row: tuple[Any, ...]
    answers: Pairs
    comment: str
    language: str
    sealed: bytes
    entry: ledger.NewEntry
    kept_at: datetime


def _contact(new: NewResponse) -> Contact | None:
    return None if new.survey.promise == "anonymous" else new.contact


def _language(new: NewResponse) -> str:
    return new.language.replace("_", "-").casefold()[:16]


def _owners(contacts: Sequence[Contact | None]) -> list[_Owner]:
    """Return whose each answer is: the contact's person, somebody made for it where nobody is."""
    people = {contact.person_id for contact in contacts if contact is not None}
    keys = ledger.keys_of(people) if people else {}
    if people - keys.keys():
        raise Conflict("This person has been erased.", remedy="Look the customer up again.")
    unknown = sum(contact is None for contact in contacts)
    made = iter(ledger.create_people(unknown) if unknown else ())
    owners = []
    for contact in contacts:
        if contact is None:
            person = next(made)
            owners.append(_Owner(person.id, Sealer(person.key)))
        else:
            owners.append(_Owner(contact.person_id, Sealer(keys[contact.person_id])))
    return owners


def _language_codes(languages: Iterable[str], *, at: datetime) -> dict[str, int]:
    wanted = {language for language in languages if language}
    # Looked up first: nearly always it is there, and to ensure it is to lock its dimension.
    found = _codes(wanted) if wanted else {}
    if missing := wanted - found.keys():
        new = customers.NewDimension(label="Language", is_declared=True)
        dimension = customers.ensure_dimensions({LANGUAGE: new}, at=at)[LANGUAGE]
        found |= customers.ensure_codes(dimension.pk, sorted(missing))
    return found


def _codes(languages: Collection[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.label, v.code FROM {DimensionValue._meta.db_table} v "
            f"JOIN {Dimension._meta.db_table} d ON d.id = v.dimension_id "
            f"WHERE d.key = %s AND v.label IN ({_marks(languages)})",
            [LANGUAGE, *languages],
        )
        return dict(cursor.fetchall())


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _most_telling(contact: Contact | None) -> bytes | None:
    if contact is None:
        return None
    indexes = (contact.customer_index, contact.email_index, contact.phone_index)
    return next((bytes(index) for index in indexes if index is not None), None)


def _channel(name: str) -> int:
    if name not in CHANNELS:
        raise BadInput(f"There is no channel “{name}”.", remedy=f"Known: {', '.join(CHANNELS)}.")
    return CHANNELS[name]


def _moment(at: datetime) -> Any:
    """Return an instant as this database keeps it; statements of our own pass no adapters."""
    return connection.ops.adapt_datetimefield_value(at)
