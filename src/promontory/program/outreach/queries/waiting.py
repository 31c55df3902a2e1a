"""When a wave goes on that has nothing to send just now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min

from promontory.program.outreach.codes import Disposition, WaveState
from promontory.program.outreach.models import Invitation, Wave

_SOON = timedelta(minutes=3)


def goes_on_at(wave: Wave, *, at: datetime) -> datetime | None:
    """Return when the next message of a wave under way is due; None where that is now or never.

    It waits because its window has not come, or because those left sleep by their own clocks.
    """
    if wave.state != WaveState.SENDING:
        return None
    planned = Invitation.objects.filter(wave=wave, disposition=Disposition.PLANNED)
    due: datetime | None = planned.aggregate(due=Min("due_at"))["due"]
    return due if due is not None and due > at + _SOON else None
