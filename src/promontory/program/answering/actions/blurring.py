"""What becomes of invitations under an anonymous promise: told by the day, and out of order."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from promontory.program.answering.models import Intake
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation
from promontory.program.responses.actions.changing import day_start, zone

_random = random.SystemRandom()


class Blur:
    """Keeps what is to be told of invitations until all answers beside it are recorded.

    Told then by the number of the invitation, it says nothing of the order of the answers. Of the
    instant only the day is kept: its beginning, or the invitation's own instant if that is later.
    """

    def __init__(self) -> None:
        self._zone = zone()
        self._told: dict[int, tuple[Invitation, Disposition, str, datetime]] = {}

    def now(self, invitation: Invitation) -> Disposition:
        """Return where an invitation is, with what is yet to be told of it."""
        found = self._told.get(invitation.pk)
        return found[1] if found else Disposition(invitation.disposition)

    def keep(self, invitation: Invitation, to: Disposition, why: str, at: datetime) -> None:
        """Keep to where an invitation's answer has brought it."""
        if to is Disposition.PARTIAL and invitation.pk in self._told:
            return  # what was said before goes further
        begun = invitation.invited_at or invitation.due_at
        day = max(day_start(at, self._zone), begun) if begun else day_start(at, self._zone)
        self._told[invitation.pk] = (invitation, to, why, day)

    def tell(self) -> None:
        """Tell all of it, the clocks of who answered too."""
        alike: defaultdict[tuple[Disposition, str, datetime], list[Invitation]] = defaultdict(list)
        for invitation, to, why, day in self._told.values():
            alike[to, why, day].append(invitation)
        # By number, whatever came first: one who is alone in a day is not told first for that.
        groups = sorted(alike.items(), key=lambda each: min(one.pk for one in each[1]))
        for (to, why, day), some in groups:
            numbers = [each.pk for each in some]
            outreach.dispose(numbers, to, why=why, by="respondent", at=day)
            outreach.clocks_touched({each.contact_id for each in some}, answered=day)


def shuffled(rows: Sequence[Intake]) -> list[Intake]:
    """Return acts with their people in any order; what one did stays as it was done."""
    people = list({row.invitation for row in rows})
    _random.shuffle(people)
    place = {number: n for n, number in enumerate(people)}
    return sorted(rows, key=lambda row: (place[row.invitation], row.pk))
