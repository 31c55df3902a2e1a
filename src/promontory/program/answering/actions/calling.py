"""A call, turn by turn: what was pressed or spoken is recorded once, and the next turn returned."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from promontory.channels.ivr import flow
from promontory.errors import NotFound
from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.codes import Act
from promontory.program.answering.models import Conversation
from promontory.program.answering.queries.invitations import Asked, by_invitation
from promontory.program.answering.queries.wording import sheet
from promontory.program.answering.rules.paper import language_for
from promontory.program.customers.codes import Way
from promontory.program.outreach import tokens
from promontory.program.outreach.actions.sending_optout import opt_out
from promontory.program.outreach.models import Invitation
from promontory.program.responses.actions import RESPONDENT
from promontory.program.surveys.codes import CHANNELS

IVR = CHANNELS["ivr"]
_SEVERAL_HOURS_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the call does next, in which language and words, and its state for the next callback."""

    turn: flow.Turn
    language: str
    wording: dict[str, str]
    state: str


@transaction.atomic
def take_turn(reference: str, state: str, event: flow.Event, *, at: datetime) -> Spoken:
    """Move a call on by one callback; the same callback again gives the same turn, records nothing.

    Raises `Forged` for a state that is not ours, `NotFound` for a call we never placed.
    """
    named = _placed(reference)
    if named is None:
        raise NotFound("We placed no such call.")
    asked = by_invitation(named, at=at)
    call = flow.unseal(state, reference=reference, key=settings.TOKEN_KEY) if state else None
    turn = flow.answer(event) if isinstance(event, flow.Answered) else None
    if turn is None:
        turn = flow.step(call or flow.Call(), event)
    if asked.shut and not isinstance(event, flow.Answered):
        turn = flow.Turn(turn.state, (flow.Line.GOODBYE,))
    row = _row(named, at=at)
    if turn.state.turn > int(row.state.get("turn", 0)) and not asked.shut:
        _record(row, asked, turn, at=at)
    words = sheet(asked.paper, language_for(asked.paper.languages, asked.language))
    wording = {
        key: text.replace("{brand}", asked.paper.brand)
        for key, text in words.texts.items()
        if key.startswith("voice.")
    }
    wording["voice.promise"] = words.say(f"promise.{asked.paper.promise}")
    sealed = flow.seal(turn.state, reference=reference, key=settings.TOKEN_KEY)
    return Spoken(turn, words.language, wording, sealed)


def _placed(reference: str) -> int | None:
    found = tokens.read(reference, settings.TOKEN_KEY, "delivery")
    # Its last four bits number the reminders.
    return None if found is None else found >> 4


def _row(invitation: int, *, at: datetime) -> Conversation:
    found = Invitation.objects.select_related("contact").get(pk=invitation)
    Conversation.objects.get_or_create(
        invitation=found,
        channel=IVR,
        defaults={
            "contact": found.contact,
            "address_index": bytes(found.contact.phone_index or b""),
            "state": {"turn": 0, "session": secrets.token_urlsafe(18)},
            "expires_at": datetime.fromtimestamp(at.timestamp() + _SEVERAL_HOURS_S, at.tzinfo),
            "changed_at": at,
        },
    )
    rows = Conversation.objects.select_for_update(of=("self",)).select_related(
        "invitation__contact"
    )
    return rows.get(invitation=found, channel=IVR)


def _record(row: Conversation, asked: Asked, turn: flow.Turn, *, at: datetime) -> None:
    score = asked.paper.score
    answers: dict[str, int | None] = {}
    words: dict[str, str] = {}
    reason = next((ask.key for ask in asked.paper.asks if ask.kind == "text"), "reason")
    for effect in turn.effects:
        match effect:
            case flow.ScorePressed(value) if score:
                answers[score.key] = value
            case flow.ReasonSpoken(address, _, transcript):
                words[reason] = transcript or f"[{address}]"
            case flow.CallsRefused():
                opt_out(row.invitation, Way.VOICE, source="keypad", by=RESPONDENT, at=at)
            case _:
                pass
    is_over = turn.state.stage is flow.Stage.OVER
    if is_over and turn.state.score is not None and score:
        answers[score.key] = turn.state.score
    if answers or words:
        act = NewAct(
            act=Act.COMPLETE if is_over else Act.PARTIAL,
            survey=asked.paper.survey,
            version=asked.paper.version,
            session=row.state["session"],
            channel=IVR,
            received_at=at,
            invitation=row.invitation_id,
            language=language_for(asked.paper.languages, asked.language),
            answers=answers,
            words=words,
        )
        keep([act])
    row.state = row.state | {"turn": turn.state.turn}
    row.changed_at = at
    row.save(update_fields=["state", "changed_at"])
