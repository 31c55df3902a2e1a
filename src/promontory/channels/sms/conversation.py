"""The conversation by text message: a score, a reason, thanks. Pure: state and message in and out.

    ASKED ──score──────────────► REASON ──text──► DONE
      │  └─score with a comment─────────────────► DONE
      └─anything else: asked again, once; what was said is kept as a comment

- STOP ends it in every state: one confirmation, and nothing more is ever sent until START.
- HELP is answered and changes nothing. Both are heard before anything else is read.
- A score by itself after the first is an edit, as long as the session lives; every message
  prolongs it. After the session a first score is still taken while the survey is open, if no other
  question is open with this person. Whatever comes later is told, once, that the survey has ended.
- A message that was heard already (its provider's id) does nothing.
- Nothing said is lost: what is no score becomes part of the comment.

The caller stores `Conversation` under a lock on its row, so that two messages at once come one
after the other, and carries out the effects in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self, TypeAlias

from promontory.channels.sms.keywords import Keyword, keyword_in
from promontory.channels.sms.score import NoScore, Reading, Score, read_score

SESSION = timedelta(hours=24)
REMEMBERED = 64
"""How many provider ids are remembered; providers repeat a callback within minutes."""


class Stage(StrEnum):
    """How far the conversation is."""

    ASKED = "asked"
    REASON = "reason"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is known of one conversation; `as_dict` and `read` carry it through a JSON field."""

    expires_at: datetime
    """When the session ends; every message prolongs it."""
    closes_at: datetime
    """When the survey takes no more answers."""
    stage: Stage = Stage.ASKED
    score: int | None = None
    commented: bool = False
    asked_again: bool = False
    told_late: bool = False
    opted_out: bool = False
    heard: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "expires_at": self.expires_at.isoformat(),
            "closes_at": self.closes_at.isoformat(),
            "stage": self.stage.value,
            "score": self.score,
            "commented": self.commented,
            "asked_again": self.asked_again,
            "told_late": self.told_late,
            "opted_out": self.opted_out,
            "heard": list(self.heard),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        values = dict(kept)
        for name in ("expires_at", "closes_at"):
            values[name] = datetime.fromisoformat(values[name])
        return cls(**{**values, "stage": Stage(values["stage"]), "heard": tuple(values["heard"])})


@dataclass(frozen=True, slots=True)
class Said:
    """One message from the customer; `id` is the provider's."""

    id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """What the question was, for reading the answer."""

    language: str = ""
    low: int = 0
    high: int = 10
    session: timedelta = SESSION


@dataclass(frozen=True, slots=True)
class ScoreGiven:
    value: int
    edited: bool = False


@dataclass(frozen=True, slots=True)
class CommentGiven:
    """A reason, or words that were no score: to be added to what was said before."""

    text: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    word: str


@dataclass(frozen=True, slots=True)
class OptedIn:
    word: str


Effect: TypeAlias = ScoreGiven | CommentGiven | OptedOut | OptedIn


class Reply(StrEnum):
    """What is sent back, by the key of its text."""

    AGAIN = "sms.again"
    REASON = "sms.reason"
    THANKS = "sms.thanks"
    STOPPED = "sms.stopped"
    HELP = "sms.help"
    STARTED = "sms.started"
    EXPIRED = "sms.expired"


@dataclass(frozen=True, slots=True)
class Step:
    """What one message changes: the new state, what to send back, what to record."""

    state: Conversation
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()

    def texts(self, wording: Mapping[str, str]) -> tuple[str, ...]:
        """The replies in the words of `wording`; a text that is not there is not sent."""
        return tuple(wording[reply] for reply in self.replies if wording.get(reply))


def begin(*, at: datetime, closes_at: datetime, ask: Ask | None = None) -> Conversation:
    """Open the conversation at the moment the question is sent."""
    return Conversation((ask or Ask()).session + at, closes_at)


def hear(state: Conversation, said: Said, *, ask: Ask, others_open: bool = False) -> Step:
    """Take one message; `others_open`: another question is open with the same number."""
    if said.id in state.heard:
        return Step(state)
    late = said.at > state.expires_at
    heard = replace(state, heard=(*state.heard, said.id)[-REMEMBERED:])
    keyword = keyword_in(said.text, language=ask.language, opted_out=state.opted_out)
    if keyword is not None:
        return _keyword(heard, keyword, said, ask)
    if said.at > state.closes_at or (late and (others_open or state.score is not None)):
        return _too_late(heard, said, late_reason=said.at <= state.closes_at and not others_open)
    alive = replace(heard, expires_at=max(state.expires_at, said.at + ask.session))
    return _silent_if_stopped(_answer(alive, said, ask))


def _keyword(state: Conversation, keyword: Keyword, said: Said, ask: Ask) -> Step:
    if keyword is Keyword.STOP:
        effects = _score_beside_stop(state, said, ask)
        stopped = replace(state, opted_out=True)
        for given in effects:
            stopped = replace(stopped, stage=Stage.REASON, score=given.value)
        replies = () if state.opted_out else (Reply.STOPPED,)
        return Step(stopped, replies, (*effects, OptedOut(said.text.strip())))
    if keyword is Keyword.START:
        started = replace(state, opted_out=False)
        return Step(started, (Reply.STARTED,), (OptedIn(said.text.strip()),))
    return Step(state, () if state.opted_out else (Reply.HELP,))


def _score_beside_stop(state: Conversation, said: Said, ask: Ask) -> tuple[ScoreGiven, ...]:
    """The score in "2. STOP": who leaves may still have answered."""
    reading = _read(said, ask)
    if isinstance(reading, Score) and state.score is None and said.at <= state.closes_at:
        return (ScoreGiven(reading.value),)
    return ()


def _too_late(state: Conversation, said: Said, *, late_reason: bool) -> Step:
    """Keep the words if they belong to an answer; tell once that the survey has ended."""
    reading = None if state.score is None else read_score(said.text)
    if late_reason and state.stage is Stage.REASON and isinstance(reading, NoScore):
        comment = (CommentGiven(said.text.strip()),)
        return Step(replace(state, stage=Stage.DONE, commented=True), (), comment)
    if state.told_late or state.opted_out:
        return Step(state)
    return Step(replace(state, told_late=True), (Reply.EXPIRED,))


def _answer(state: Conversation, said: Said, ask: Ask) -> Step:
    reading = _read(said, ask)
    if state.stage is Stage.ASKED:
        return _first(state, reading, said)
    if isinstance(reading, Score) and not reading.rest:
        return _edit(state, reading.value)
    return _reason(state, said)


def _first(state: Conversation, reading: Reading, said: Said) -> Step:
    if isinstance(reading, Score):
        effects: tuple[Effect, ...] = (ScoreGiven(reading.value),)
        if reading.rest:
            effects = (*effects, CommentGiven(reading.rest))
        if reading.rest or state.commented:
            done = replace(state, stage=Stage.DONE, score=reading.value, commented=True)
            return Step(done, (Reply.THANKS,), effects)
        asked = replace(state, stage=Stage.REASON, score=reading.value)
        return Step(asked, (Reply.REASON,), effects)
    comment: tuple[Effect, ...] = ()
    if any(char.isalpha() for char in said.text):
        comment = (CommentGiven(said.text.strip()),)
    worded = state.commented or bool(comment and isinstance(reading, NoScore))
    replies = () if state.asked_again else (Reply.AGAIN,)
    return Step(replace(state, asked_again=True, commented=worded), replies, comment)


def _edit(state: Conversation, value: int) -> Step:
    if value == state.score:
        return Step(state)
    waiting = Reply.REASON if state.stage is Stage.REASON else Reply.THANKS
    return Step(replace(state, score=value), (waiting,), (ScoreGiven(value, edited=True),))


def _reason(state: Conversation, said: Said) -> Step:
    if not said.text.strip():
        return Step(state)
    replies = (Reply.THANKS,) if state.stage is Stage.REASON else ()
    done = replace(state, stage=Stage.DONE, commented=True)
    return Step(done, replies, (CommentGiven(said.text.strip()),))


def _silent_if_stopped(step: Step) -> Step:
    """Record what somebody says after STOP, and say nothing."""
    if not step.state.opted_out:
        return step
    return Step(replace(step.state, asked_again=True), (), step.effects)


def _read(said: Said, ask: Ask) -> Reading:
    return read_score(said.text, language=ask.language, low=ask.low, high=ask.high)


def whose(open_conversations: Sequence[Conversation], *, at: datetime) -> int | None:
    """Which of a number's conversations a message belongs to, or None if nobody can know.

    The one whose session lives, the latest if several do; else the only one whose score is still
    open and wanted; else the latest of all that ended, so that it can say so politely.
    """
    live = [i for i, each in enumerate(open_conversations) if at <= each.expires_at]
    if live:
        return max(live, key=lambda i: open_conversations[i].expires_at)
    waiting = [
        index
        for index, each in enumerate(open_conversations)
        if each.stage is Stage.ASKED and at <= each.closes_at
    ]
    if len(waiting) == 1:
        return waiting[0]
    if not open_conversations:
        return None
    return max(range(len(open_conversations)), key=lambda i: open_conversations[i].expires_at)
