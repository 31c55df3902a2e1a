"""One answer at a time: record it, correct it, take it out of the count and back in, look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from promontory.errors import BadInput, Conflict, Place
from promontory.program.customers import actions as customers
from promontory.program.customers.models import LANGUAGE, Contact, Dimension
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import commitment, seal_bytes
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.organization.models import OrgUnit
from promontory.program.outreach.models import Invitation
from promontory.program.responses import queries
from promontory.program.responses.actions.changing import (
    change,
    checked,
    day_start,
    local_day,
    locked,
    metric_code,
    raw_text,
    tell,
)
from promontory.program.responses.actions.later import later
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import Answer, Look, RawRow, Response, Verbatim
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
from promontory.program.surveys.models import Survey, SurveyVersion


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


@transaction.atomic
def record(new: NewResponse, *, refresh: bool = True, by: Viewer, at: datetime) -> Response:
    """Keep one answer, in the ledger too; the same `given_id` again returns what is kept.

    Under an anonymous promise nobody is linked to the answer, whoever is named, and no instant of
    it is kept but its day. Who records many leaves it to the clock to `refresh` the warehouse.
    """
    if new.answered_at.tzinfo is None:
        raise BadInput("The time of an answer needs its zone.", place=Place(field="answered_at"))
    if not new.given_id.strip():
        raise BadInput("An answer needs an id of its own.", place=Place(field="id"))
    survey, index_key = new.survey, settings.INDEX_KEY
    key = source_key(index_key, survey.pk, "id", new.given_id)
    if there := Response.objects.filter(source_key=key).first():
        return there
    version = new.version or surveys.current_version(survey)
    comment = new.comment.strip()
    answers = checked(new.answers, list(version.questions.all()), comment)
    is_anonymous = survey.promise == "anonymous"
    contact = None if is_anonymous else new.contact
    answered_at = day_start(new.answered_at) if is_anonymous else new.answered_at
    kept_at = day_start(at) if is_anonymous else at
    account = customers.ensure_accounts([new.account], at=at)[new.account] if new.account else None
    attributes, stratum = _attributes(new.attributes, new.codes)
    language = new.language.replace("_", "-").casefold()[:16]
    [response_id] = ledger.draw_ids(Response, 1)
    response = Response.objects.create(
        pk=response_id,
        survey=survey,
        version=version,
        vendor_id="" if is_anonymous or new.invitation else new.given_id[:200],
        contact=contact,
        invitation=None if is_anonymous else new.invitation,
        weight=new.weight,
        is_partial=new.is_partial,
        account_id=account[0] if account else None,
        unit=new.unit,
        answered_at=answered_at,
        local_day=local_day(answered_at),
        received_at=kept_at,
        channel=_channel(new.channel),
        language=language,
        attributes=attributes,
        mask=int(new.mask),
        source_key=key,
        content_key=content_key(
            index_key,
            survey.pk,
            answered_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000"),
            [value for _, value in answers],
            comment,
            _most_telling(contact),
        ),
    )
    Answer.objects.bulk_create(
        Answer(response=response, question=question, value=value)
        for question, value in answers
        if value != NOT_ANSWERED
    )
    if comment:
        Verbatim.objects.create(response=response, text=comment, language=language)
    owner, owner_key = _owner(contact)
    raw = raw_text(new.answers, new.attributes, new.words)
    sealed = seal_bytes(owner_key, raw.encode(), b"raw %d" % response_id)
    RawRow.objects.create(response=response, sealed=sealed)
    undeclared = {d: code for d, code in attributes.items() if d not in stratum}
    entry = ledger.NewEntry(
        kind=ledger.Kind.ANSWER,
        by=by.by,
        kept=kept(
            response=response_id,
            survey=survey.pk,
            version=version.pk,
            answers=[[metric_code(question), value] for question, value in answers],
            day=response.local_day,
            channel=response.channel,
            language=_language_code(language, at=at),
            unit=new.unit.pk if new.unit else 0,
            weight=new.weight,
            person=contact.person.cluster if contact else 0,
            account=account[1] if account else 0,
            mask=int(new.mask),
            stratum=stratum,
        ),
        subject=response_id,
        person=owner,
        local_day=response.local_day,
        personal=commitment(
            owner_key,
            personal(
                contact=contact.pk if contact else None,
                raw=raw,
                verbatim=comment or None,
                undeclared=compact(undeclared),
            ),
        ),
    )
    ledger.append([entry], at=kept_at)
    if refresh:
        later("refresh_warehouse", at=at)
    tell(response, answers, at=at)
    return response


@transaction.atomic
def correct(
    response_id: int,
    *,
    answers: Mapping[str, int | None],
    comment: str | None = None,
    reason: str,
    by: Viewer,
    at: datetime,
) -> Response:
    """Put an answer right: what stood before stays in the ledger, with who changed it and why."""
    by.must(Can.SEE_ANSWERS)
    by.must(Can.IMPORT)
    if not reason.strip():
        raise BadInput("A correction needs a reason.", place=Place(field="reason"))
    response, owner, before = locked(response_id, by)
    change(response, owner, before, answers=answers, comment=comment, by=by, at=at)
    audit("correct", response, by=by, at=at, detail={"reason": reason.strip()})
    later("refresh_warehouse", at=at)
    return response


def exclude(
    responses: Collection[int], *, reason: Excluded, note: str = "", by: Viewer, at: datetime
) -> int:
    """Take answers out of the count for one reason, and return how many were in it."""
    return _change_mask(responses, reason, out=True, note=note, by=by, at=at)


def readmit(
    responses: Collection[int], *, reason: Excluded, note: str = "", by: Viewer, at: datetime
) -> int:
    """Let answers count again as far as this reason goes, and return how many were out."""
    return _change_mask(responses, reason, out=False, note=note, by=by, at=at)


@transaction.atomic
def _change_mask(
    responses: Collection[int], reason: Excluded, *, out: bool, note: str, by: Viewer, at: datetime
) -> int:
    by.must(Can.MANAGE_METHOD)
    if reason not in set(Excluded) or reason == Excluded.NONE:
        raise BadInput("Give one reason, of those that exist.", place=Place(field="reason"))
    changed = 0
    for response_id in sorted(set(responses)):
        response, _, before = locked(response_id, by)
        mask = response.mask | reason if out else response.mask & ~reason
        if mask == response.mask:
            continue
        response.mask = mask
        response.save(update_fields=["mask"])
        kind = ledger.Kind.EXCLUSION if out else ledger.Kind.READMISSION
        entry = ledger.NewEntry(
            kind=kind,
            by=by.by,
            kept={"old": before, "new": {**before, "m": int(mask)}, "reason": int(reason)},
            subject=response.pk,
            local_day=response.local_day,
        )
        ledger.append([entry], at=at)
        verb = "exclude" if out else "readmit"
        audit(verb, response, by=by, at=at, detail={"reason": reason.name, "note": note})
        changed += 1
    if changed:
        later("refresh_warehouse", at=at)
    return changed


@transaction.atomic
def open_response(response_id: int, *, by: Viewer, at: datetime) -> queries.Shown:
    """Show one response with its history, and remember who looked."""
    shown = queries.one(response_id, viewer=by)
    if by.user_id is not None:
        Look.objects.create(response_id=response_id, user_id=by.user_id, at=at)
    return shown


def _attributes(
    labels: Mapping[str, str], codes: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    known = {d.key: d for d in Dimension.objects.filter(key__in=labels)} if labels else {}
    attributes = dict(codes)
    declared = set()
    if codes:
        ids = Dimension.objects.filter(pk__in=codes, is_declared=True).values_list("pk", flat=True)
        declared = {str(pk) for pk in ids}
    stratum = {pk: code for pk, code in codes.items() if pk in declared}
    for key, label in labels.items():
        dimension = known.get(key)
        if dimension is None:
            raise BadInput(f"There is no dimension “{key}”.", place=Place(field=key))
        if label.strip():
            code = customers.ensure_codes(dimension.pk, [label.strip()[:300]])[label.strip()[:300]]
            attributes[str(dimension.pk)] = code
            if dimension.is_declared:
                stratum[str(dimension.pk)] = code
    return attributes, stratum


def _owner(contact: Contact | None) -> tuple[int, bytes]:
    if contact is None:
        [made] = ledger.create_people(1)
        return made.id, made.key
    key = ledger.keys_of([contact.person_id]).get(contact.person_id)
    if key is None:
        raise Conflict("This person has been erased.", remedy="Look the customer up again.")
    return contact.person_id, key


def _most_telling(contact: Contact | None) -> bytes | None:
    if contact is None:
        return None
    indexes = (contact.customer_index, contact.email_index, contact.phone_index)
    return next((bytes(index) for index in indexes if index is not None), None)


def _channel(name: str) -> int:
    if name not in CHANNELS:
        raise BadInput(f"There is no channel “{name}”.", remedy=f"Known: {', '.join(CHANNELS)}.")
    return CHANNELS[name]


def _language_code(language: str, *, at: datetime) -> int:
    if not language:
        return 0
    new = customers.NewDimension(label="Language", is_declared=True)
    dimension = customers.ensure_dimensions({LANGUAGE: new}, at=at)[LANGUAGE]
    return customers.ensure_codes(dimension.pk, [language])[language]
