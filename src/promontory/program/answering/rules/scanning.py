"""Machines that follow every link of a mail, told from people by what people do not do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WITHIN = timedelta(seconds=10)
"""How close together several scores of one invitation are taken for a machine's."""

MANY_CLICKS = 3
"""So many different scores opened within that time: people change their mind once."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One score of one invitation, opened (a click) or sent; `session` is the page it came from."""

    score: int
    session: str
    at: datetime
    is_click: bool = False


def is_scanner(now: Touch, before: Sequence[Touch], within: timedelta = WITHIN) -> bool:
    """Say whether a score, with those just before it, looks like a machine's.

    A person who thinks again does so on the page they have open. Different scores sent from
    pages opened apart within seconds, or sent after several different links were opened within
    seconds, are no person's.
    """
    near = [touch for touch in before if abs(now.at - touch.at) <= within]
    sent_apart = any(
        touch.score != now.score and touch.session != now.session
        for touch in near
        if not touch.is_click
    )
    opened = {touch.score for touch in (*near, now) if touch.is_click}
    if now.is_click:
        return len(opened) >= MANY_CLICKS
    return sent_apart or len(opened) >= MANY_CLICKS
