"""Who is to be called, and what the one who calls is told."""

from __future__ import annotations

from datetime import datetime, timedelta

LOWEST_NOT_OWED = 7
"""From this score on nobody is owed a call: detractors are 0 to 6."""

LINK_DAYS = 30
"""So long the link in the mail to a case's owner stands for a signing-in."""


def link_is_good(opened: datetime, at: datetime) -> bool:
    """Return whether the mailed link of a case that was opened then may still be used."""
    return at - opened < timedelta(days=LINK_DAYS)


def owes_call(metric: str, score: int | None, *, is_test: bool) -> bool:
    """Return whether an answer makes somebody owe the customer a call."""
    return metric == "nps" and score is not None and score < LOWEST_NOT_OWED and not is_test


def waited(seconds: float) -> str:
    """Say how long somebody has waited, in words: “3 hours”."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"
