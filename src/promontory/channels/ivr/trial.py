"""A call without a telephone: keys at moments in, what was heard and recorded out. Pure.

For the simulator in the pages, and for tests. Time is in seconds since somebody picked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promontory.channels.ivr import flow
from promontory.channels.ivr.flow import Answered, Effect, Line, Pressed, Recorded, Turn, said

WORDS_A_SECOND = 2.5


@dataclass(frozen=True, slots=True)
class Heard:
    """One line, or a key, at its moment."""

    at_s: float
    text: str
    key: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """How a call went."""

    heard: tuple[Heard, ...]
    effects: tuple[Effect, ...]
    turns: tuple[Turn, ...]
    ends_s: float

    @property
    def score(self) -> int | None:
        found = [e.value for e in self.effects if isinstance(e, flow.ScorePressed)]
        return found[-1] if found else None


def call(
    presses: Sequence[tuple[float, str]],
    *,
    wording: Mapping[str, str],
    machine: bool = False,
    reason: str = "",
    hangs_up_s: float | None = None,
    deaf_s: float = 0.0,
) -> Trial:
    """Play a call in which these keys are pressed at these moments.

    A line is cut short by a key. `reason` is what is said after the tone. For `deaf_s` seconds
    after each key the service asks what comes next, and keys pressed then are lost.
    """
    waiting = sorted(presses)
    now, heard, effects = 0.0, list[Heard](), list[Effect]()
    turn = flow.answer(Answered(machine))
    turns = [turn]
    while True:
        effects += turn.effects
        spoken_until = now
        for line in turn.lines:
            for text in said((line,), wording):
                heard.append(Heard(spoken_until, text))
                spoken_until += len(text.split()) / WORDS_A_SECOND
        if turn.hangs_up:
            return Trial(tuple(heard), tuple(effects), tuple(turns), spoken_until)
        event, now = _next(turn, waiting, now, spoken_until, reason)
        if hangs_up_s is not None and now >= hangs_up_s:
            kept = tuple(line for line in heard if line.at_s <= hangs_up_s)
            return Trial(kept, tuple(effects), tuple(turns), hangs_up_s)
        if isinstance(event, Pressed) and event.keys:
            heard = [line for line in heard if line.at_s <= now]
            heard.append(Heard(now, event.keys, key=True))
            waiting = [(moment, key) for moment, key in waiting if moment >= now + deaf_s]
        turn = flow.step(turn.state, event)
        turns.append(turn)


def _next(
    turn: Turn, waiting: list[tuple[float, str]], now: float, spoken_until: float, reason: str
) -> tuple[Pressed | Recorded, float]:
    """What comes next: a key, a reason, or silence; and when."""
    if turn.records:
        seconds = len(reason.split()) / WORDS_A_SECOND
        until = spoken_until + seconds
        address = "recording" if reason else ""
        return Recorded(address, round(seconds), reason), until
    deadline = spoken_until + turn.listens_s
    if waiting and waiting[0][0] <= deadline:
        moment, key = waiting.pop(0)
        return Pressed(key), max(now, moment)
    return Pressed(""), deadline


LINES = tuple(Line)
"""Every line a call may need words for."""
