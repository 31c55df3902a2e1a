"""What recording, correcting and revising share: answers checked, put in place, told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from promontory.errors import BadInput, Conflict, NotFound, Place
from promontory.program.events import emit
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import commitment
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer
from promontory.program.responses import queries
from promontory.program.responses.codes import Excluded
from promontory.program.responses.events import ResponseRecorded
from promontory.program.responses.models import Answer, Response, Verbatim
from promontory.program.responses.rules.kept import NOT_ANSWERED, compact
from promontory.program.responses.rules.mapping import RAW_METRIC, SCALES
from promontory.program.surveys.codes import METRIC_CODES
from promontory.program.surveys.models import Question

_EPOCH = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 — a day, not an instant

Pairs = list[tuple[Question, int]]


def checked(
    given: Mapping[str, int | None], questions: Collection[Question], comment: str = ""
) -> Pairs:
    """Return each question with its answer, in order, or refuse what was not asked so."""
    by_key = {q.key: q for q in questions} | {q.metric: q for q in questions if q.metric}
    found: dict[int, tuple[Question, int]] = {}
    for key, value in given.items():
        question = by_key.get(key)
        if question is None or question.kind == "text":
            raise BadInput(f"The survey does not ask “{key}”.", place=Place(field=key))
        scale = SCALES.get(question.metric)
        if value is not None and scale is not None and value not in scale:
            raise BadInput(
                f"“{value}” lies outside the scale {scale}.",
                remedy="Give the answer as it was ticked.",
                place=Place(field=key),
            )
        found[question.pk] = (question, NOT_ANSWERED if value is None else value)
    if not found and not comment:
        raise BadInput("Nothing was answered.", place=Place(field="answers"))
    return [found[q.pk] for q in questions if q.pk in found]


def locked(response_id: int, by: Viewer) -> tuple[Response, int | None, dict[str, Any]]:
    """Return a response to be changed, whose it is in the ledger, and what the ledger keeps now."""
    if not queries.visible(by).filter(pk=response_id).exists():
        raise NotFound("There is no such response.")
    return held(response_id)


def held(response_id: int) -> tuple[Response, int | None, dict[str, Any]]:
    """Return the same for those who need no permission: the respondent and the installation."""
    response = Response.objects.select_for_update().get(pk=response_id)
    history = queries.entries_on(response_id)
    if not history:
        raise Conflict("This response has no entry in the ledger.", remedy="Run ledger verify.")
    owner = next((entry.person for entry in reversed(history) if entry.person is not None), None)
    said = history[-1].values()
    return response, owner, said.get("new", said)


def change(
    response: Response,
    owner: int | None,
    before: Mapping[str, Any],
    *,
    answers: Mapping[str, int | None],
    comment: str | None,
    completes: bool = False,
    by: Viewer,
    at: datetime,
) -> None:
    """Put new answers (and words, unless None) in the place of the old, in the ledger too."""
    questions = list(response.version.questions.all())
    given = checked(answers, questions, comment or "")
    changed = {q.pk: (q, value) for q, value in given}
    stood = dict(Answer.objects.filter(response=response).values_list("question_id", "value"))
    asked = [q for q in questions if q.kind != "text"]
    now = [
        (q, changed[q.pk][1] if q.pk in changed else stood.get(q.pk, NOT_ANSWERED)) for q in asked
    ]
    Answer.objects.filter(response=response).delete()
    Answer.objects.bulk_create(
        Answer(response=response, question=question, value=value)
        for question, value in now
        if value != NOT_ANSWERED
    )
    if comment is not None:
        Verbatim.objects.filter(response=response).delete()
        if comment.strip():
            Verbatim.objects.create(
                response=response, text=comment.strip(), language=response.language
            )
    said = {metric for metric, _ in before["a"]}
    values = [
        [metric_code(q), value]
        for q, value in now
        if q.pk in changed or q.pk in stood or (q.metric and METRIC_CODES[q.metric] in said)
    ]
    after = {**before, "a": values}
    committed = None
    if owner is not None and (owner_key := ledger.keys_of([owner]).get(owner)) is not None:
        committed = commitment(owner_key, queries.personal_bytes(response, owner_key, after))
    entry = ledger.NewEntry(
        kind=ledger.Kind.CORRECTION,
        by=by.by,
        kept={"old": dict(before), "new": after},
        subject=response.pk,
        person=owner,
        local_day=response.local_day,
        personal=committed,
    )
    is_anonymous = response.survey.promise == "anonymous"
    ledger.append([entry], at=day_start(at, zone()) if is_anonymous else at)
    score_before = score_of([(q, stood.get(q.pk, NOT_ANSWERED)) for q in asked])
    if completes or score_of(now) != score_before:
        tell_of(response, now, at=at)


def tell(
    answers: Sequence[tuple[Question, int]],
    *,
    response: int,
    survey: int,
    mask: int,
    is_partial: bool,
    at: datetime,
) -> None:
    """Say that a response was recorded, completed or scored anew."""
    metric, score = score_of(answers)
    if score is not None or not is_partial:
        event = ResponseRecorded(
            response=response,
            survey=survey,
            metric=metric,
            score=score,
            is_test=bool(mask & Excluded.TEST),
            is_partial=is_partial,
        )
        emit(event, at=at)


def tell_of(response: Response, answers: Sequence[tuple[Question, int]], *, at: datetime) -> None:
    """Say the same of a response as it stands now."""
    tell(
        answers,
        response=response.pk,
        survey=response.survey_id,
        mask=response.mask,
        is_partial=response.is_partial,
        at=at,
    )


def score_of(answers: Sequence[tuple[Question, int]]) -> tuple[str, int | None]:
    """Return the metric a response is first of all about (the recommendation), and its score."""
    about = sorted((q.metric != "nps", q.position, q.metric, v) for q, v in answers if q.metric)
    if not about:
        return "", None
    _, _, metric, value = about[0]
    return metric, None if value == NOT_ANSWERED else value


def raw_text(
    answers: Mapping[str, int | None], attributes: Mapping[str, str], words: Mapping[str, str]
) -> str:
    """Return the canonical text of what came in, as it is kept encrypted."""
    said: dict[str, Any] = {"answers": dict(answers), "attributes": dict(attributes)}
    return compact(said | ({"words": dict(words)} if words else {}))


def metric_code(question: Question) -> int:
    """Return how the metric of a question is coded in the ledger."""
    return METRIC_CODES[question.metric] if question.metric else RAW_METRIC


def local_day(at: datetime, zone: ZoneInfo) -> int:
    """Return the day of an instant where the organisation is, in days since 1970-01-01."""
    return at.astimezone(zone).toordinal() - _EPOCH


def day_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the beginning of that day: all that is kept of an instant in confidence."""
    return datetime.combine(at.astimezone(zone).date(), time(), zone)


def zone() -> ZoneInfo:
    """Return the zone in which the organisation's days end."""
    return ZoneInfo(organization.zone_name())
