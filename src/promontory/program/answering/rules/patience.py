"""When answers that are to stay nameless may be settled: in company, or after a while.

Responses are numbered as they are settled, and so is what becomes of invitations. Settled one by
one, the n-th answer of a day would be that of the n-th who answered.
"""

from __future__ import annotations

from datetime import datetime, timedelta

COMPANY = 5
"""With the answers of so many people waiting for a survey, none of them waits any longer."""

PATIENCE = timedelta(minutes=10)
"""So long an answer waits for company, and no longer."""


def may_settle(people: int, oldest: datetime, at: datetime) -> bool:
    """Say whether what waits for an anonymous survey may be settled now.

    `people` is of how many an answer waits, `oldest` when the first of what waits came.
    """
    return people >= COMPANY or at - oldest >= PATIENCE
