"""A respondent goes on with their answer, or thinks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import seal_bytes
from promontory.program.organization.access import Viewer
from promontory.program.responses.actions.changing import change, checked, held, raw_text, tell_of
from promontory.program.responses.models import Answer, RawRow, Response, Verbatim
from promontory.program.responses.rules.kept import NOT_ANSWERED

RESPONDENT = Viewer(user_id=None, name="respondent", can=frozenset())
"""Who answered; what they write into the ledger says no more than that."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a respondent says now; what it does not mention stays. `comment` None: as it was."""

    answers: Mapping[str, int | None] = field(default_factory=dict)
    comment: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    is_complete: bool = True


@transaction.atomic
def revise(response_id: int, said: Revision, *, by: Viewer = RESPONDENT, at: datetime) -> Response:
    """Take over what a respondent says now; the ledger keeps what they said before.

    Saying the same again changes nothing. A complete response does not become partial again.
    """
    response, owner, before = held(response_id)
    completes = response.is_partial and said.is_complete
    if completes:
        response.is_partial = False
        response.save(update_fields=["is_partial"])
    key = ledger.keys_of([owner]).get(owner) if owner is not None else None
    stood = dict(Answer.objects.filter(response=response).values_list("question__key", "value"))
    # What was answered is never unsaid by leaving it out the next time.
    answers = {k: v for k, v in said.answers.items() if v is not None or k not in stood}
    if key is not None and _differs(response, answers, stood, said.comment):
        raw = raw_text(answers, {}, said.words).encode()
        sealed = seal_bytes(key, raw, b"raw %d" % response.pk)
        RawRow.objects.filter(response=response).update(sealed=sealed)
        change(
            response,
            owner,
            before,
            answers=answers,
            comment=said.comment,
            completes=completes,
            by=by,
            at=at,
        )
    elif completes:
        given = Answer.objects.filter(response=response).select_related("question")
        tell_of(response, [(answer.question, answer.value) for answer in given], at=at)
    return response


def _differs(
    response: Response,
    answers: Mapping[str, int | None],
    stood: Mapping[str, int],
    comment: str | None,
) -> bool:
    """Whether this says anything that is not so already."""
    if answers:
        given = checked(answers, list(response.version.questions.all()))
        if any(value != stood.get(question.key, NOT_ANSWERED) for question, value in given):
            return True
    if comment is None:
        return False
    written = Verbatim.objects.filter(response=response).values_list("text", flat=True).first()
    return comment.strip() != (written or "")
