"""The call: greeting, question, keys, reason, thanks. Pure, and the same for every voice service.

    QUESTION ──0, 2–9──► REASON ──recording or silence──► OVER
       │ └──1──► AFTER_ONE ──0──► 10 ──► REASON
       │             ├──silence or #──► 1 ──► REASON
       │             ├──1: waited for the second key once more
       │             └──another digit: asked again, once
       ├──#──► the question again          ├──*──► no more calls
       └──silence: asked again, once, then a polite goodbye without a score

Every key but 1 is a whole answer and counts at once; after 1 a second key is waited for, so that a
ten is never taken for a one, nor the 0 of a ten for a zero. Who hangs up after a 1 has given no
score: it could have become ten.

A step is a function of the state and the event alone. The state travels in our own signed address
(`seal`), so a repeated callback gives the same step again, and one that comes late the step of its
own turn. Record the effects of each turn of a call once, and let the higher turn win.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from promontory.channels.contract import Forged

OPT_OUT_KEY = "*"
REPEAT_KEY = "#"
PATIENCE_S = 6
"""How long we wait for the first key after the last word."""
AFTER_ONE_S = 3
"""How long a 1 may still become a 10."""
ASKED_AT_MOST = 2
REPEATED_AT_MOST = 3


class Stage(StrEnum):
    """Where the call is."""

    QUESTION = "q"
    AFTER_ONE = "1"
    REASON = "r"
    OVER = "o"


class Line(StrEnum):
    """What is said, by the key of its text."""

    GREETING = "voice.greeting"
    PROMISE = "voice.promise"
    QUESTION = "voice.question"
    KEYS = "voice.keys"
    OPT_OUT = "voice.opt_out"
    AGAIN = "voice.again"
    ONE_OR_TEN = "voice.one_or_ten"
    REASON = "voice.reason"
    THANKS = "voice.thanks"
    STOPPED = "voice.stopped"
    GOODBYE = "voice.goodbye"


@dataclass(frozen=True, slots=True)
class Call:
    """All that is known of a call between two callbacks."""

    stage: Stage = Stage.QUESTION
    asked: int = 1
    repeated: int = 0
    score: int | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody, or something, picked up."""

    machine: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """The keys pressed; none if the time ran out.

    `whole`: the service itself waited for more, so a 1 is a one (VoiceXML's grammars do).
    """

    keys: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """The reason as spoken: an address at the service, and its transcript if there is one."""

    address: str
    seconds: int = 0
    transcript: str = ""
    keys: str = ""


Event: TypeAlias = Answered | Pressed | Recorded


@dataclass(frozen=True, slots=True)
class ScorePressed:
    value: int


@dataclass(frozen=True, slots=True)
class ReasonSpoken:
    address: str
    seconds: int
    transcript: str


@dataclass(frozen=True, slots=True)
class CallsRefused:
    """The opt-out key: never call again."""


@dataclass(frozen=True, slots=True)
class MachineAnswered:
    """Nobody was reached; nothing was said to the machine."""


Effect: TypeAlias = ScorePressed | ReasonSpoken | CallsRefused | MachineAnswered


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens next: lines are said, then keys are listened for, or a reason is recorded."""

    state: Call
    lines: tuple[Line, ...] = ()
    listens_s: int = 0
    """Seconds to wait for a key after the last line; 0 if none is expected."""
    records: bool = False
    effects: tuple[Effect, ...] = ()

    @property
    def hangs_up(self) -> bool:
        return not self.listens_s and not self.records


def answer(answered: Answered) -> Turn:
    """Begin when somebody picks up; a machine hears nothing."""
    if answered.machine:
        return Turn(Call(Stage.OVER, turn=1), effects=(MachineAnswered(),))
    return Turn(
        Call(turn=1),
        (Line.GREETING, Line.PROMISE, Line.QUESTION, Line.KEYS, Line.OPT_OUT),
        PATIENCE_S,
    )


def step(call: Call, event: Event) -> Turn:
    """Take one callback of a call under way."""
    now = replace(call, turn=call.turn + 1)
    if isinstance(event, Answered):
        return answer(event)
    if call.stage is Stage.OVER:
        return Turn(now)
    if call.stage is Stage.REASON:
        return _after_reason(now, event)
    if isinstance(event, Recorded):
        return Turn(replace(now, stage=Stage.OVER), (Line.GOODBYE,))
    if event.keys == OPT_OUT_KEY:
        return _refused(now)
    if call.stage is Stage.AFTER_ONE:
        return _after_one(now, event.keys)
    return _question(now, event)


def _question(now: Call, pressed: Pressed) -> Turn:
    keys = pressed.keys
    if keys == REPEAT_KEY:
        return _repeat(now)
    if keys == "1" and not pressed.whole:
        after = replace(now, stage=Stage.AFTER_ONE)
        return Turn(after, (Line.ONE_OR_TEN,), AFTER_ONE_S)
    if keys == "10" or (len(keys) == 1 and keys in "0123456789"):
        return _scored(now, int(keys))
    return _ask_again(now, () if not keys else (Line.AGAIN,))


def _after_one(now: Call, keys: str) -> Turn:
    if keys == "0":
        return _scored(now, 10)
    if keys in {"", REPEAT_KEY}:
        return _scored(now, 1)
    if keys == "1" and now.asked < ASKED_AT_MOST:
        # The 0 of a first try was lost, and "1, 0" is tried again: were the question asked anew,
        # that 0 would be taken for a zero.
        return Turn(replace(now, asked=now.asked + 1), (Line.ONE_OR_TEN,), AFTER_ONE_S)
    return _ask_again(now, (Line.AGAIN,))


def _scored(now: Call, value: int) -> Turn:
    scored = replace(now, stage=Stage.REASON, score=value)
    return Turn(scored, (Line.REASON,), records=True, effects=(ScorePressed(value),))


def _ask_again(now: Call, why: tuple[Line, ...]) -> Turn:
    if now.asked >= ASKED_AT_MOST:
        return Turn(replace(now, stage=Stage.OVER), (Line.GOODBYE,))
    again = replace(now, stage=Stage.QUESTION, asked=now.asked + 1)
    return Turn(again, (*why, Line.QUESTION, Line.KEYS), PATIENCE_S)


def _repeat(now: Call) -> Turn:
    if now.repeated >= REPEATED_AT_MOST:
        return Turn(replace(now, stage=Stage.OVER), (Line.GOODBYE,))
    again = replace(now, repeated=now.repeated + 1)
    return Turn(again, (Line.QUESTION, Line.KEYS, Line.OPT_OUT), PATIENCE_S)


def _refused(now: Call) -> Turn:
    over = replace(now, stage=Stage.OVER)
    return Turn(over, (Line.STOPPED, Line.GOODBYE), effects=(CallsRefused(),))


def _after_reason(now: Call, event: Pressed | Recorded) -> Turn:
    if event.keys == OPT_OUT_KEY:
        return _refused(now)
    effects: tuple[Effect, ...] = ()
    if isinstance(event, Recorded) and event.address:
        effects = (ReasonSpoken(event.address, event.seconds, event.transcript),)
    over = replace(now, stage=Stage.OVER)
    return Turn(over, (Line.THANKS, Line.GOODBYE), effects=effects)


def seal(call: Call, *, reference: str, key: bytes) -> str:
    """The state as a short text that only we can have written, and for this call only."""
    score = "" if call.score is None else call.score
    said = f"{call.stage.value}.{call.asked}.{call.repeated}.{score}.{call.turn}"
    return f"{said}.{_mark(said, reference, key)}"


def unseal(token: str, *, reference: str, key: bytes) -> Call:
    """The state that `seal` wrote, or `Forged`."""
    said, _, mark = token.rpartition(".")
    if not hmac.compare_digest(mark.encode(), _mark(said, reference, key).encode()):
        raise Forged("This step of the call was not offered by us.")
    stage, asked, repeated, score, turn = said.split(".")
    return Call(Stage(stage), int(asked), int(repeated), int(score) if score else None, int(turn))


def _mark(said: str, reference: str, key: bytes) -> str:
    mac = hmac.new(key, f"call|{reference}|{said}".encode(), hashlib.sha256)
    return mac.hexdigest()[:32]


def with_state(url: str, token: str) -> str:
    """The address of the next callback, carrying the state."""
    address = urlsplit(url)
    query = f"{address.query}&" if address.query else ""
    return urlunsplit(address._replace(query=query + urlencode({"state": token})))


def state_in(url: str) -> str:
    """The state in the address a callback came to, or an empty text at its beginning."""
    return parse_qs(urlsplit(url).query).get("state", [""])[0]


def said(lines: tuple[Line, ...], wording: Mapping[str, str]) -> tuple[str, ...]:
    """The lines in the words of `wording`; one that has no words is left out.

    Only what is said after a 1 is never left out: a service may have been deaf when the 0 of a ten
    was pressed. Without words for it the keys are read out, in whatever language the voice speaks.
    """
    words = {Line.ONE_OR_TEN.value: "10: 1, 0.", **{k: v for k, v in wording.items() if v}}
    return tuple(words[line] for line in lines if line in words)
