"""What a contact policy would allow today, before anybody decides on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from promontory.program.customers.models import Contact
from promontory.program.outreach.codes import LABELS, Disposition
from promontory.program.outreach.queries.frame import judged
from promontory.program.outreach.rules.policy import Policy
from promontory.program.surveys.models import Survey

MOST = 200_000


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of all customers could be asked by e-mail or text now, and what holds the others."""

    people: int
    may: int
    held: tuple[tuple[str, int], ...]

    @property
    def sentence(self) -> str:
        """Say it in words."""
        if not self.people:
            return "There are no customers to be asked yet."
        return f"Of {self.people:,} customers {self.may:,} may be asked today."


def preview(policy: Policy, *, at: datetime) -> Preview | None:
    """Return what a policy would allow today; None where that takes longer than a page may."""
    if Contact.objects.order_by().values("pk")[MOST : MOST + 1]:
        return None
    frame = judged(
        Survey(pk=0), frame={}, strata=[], channels=["email", "sms"], policy=policy, at=at
    )
    counts = np.bincount(frame.disposition, minlength=1)
    held = [
        (LABELS[Disposition(int(code))].removeprefix("Held back: "), int(counts[code]))
        for code in np.flatnonzero(counts)
        if code
    ]
    return Preview(len(frame.ids), int(counts[0]), tuple(sorted(held, key=lambda one: -one[1])))
