"""When a customer is asked after something happened to them: at its end, and not at night."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from promontory.errors import BadInput, Place
from promontory.program.outreach.rules.sending_hours import next_allowed

LATE = timedelta(days=14)
"""So long after the moment to ask nobody is asked any more: they would not know what about."""

_LAST = time(23, 59, 59)


def asked_at(
    occurred: datetime,
    ends: str | None,
    delay: timedelta,
    zone: ZoneInfo,
    quiet: tuple[time, time],
) -> datetime:
    """Return when to ask: the delay after it happened, or after it ends; moved out of the night.

    `ends` is what the event says of a stay, a trip, an appointment: an instant, a moment by the
    customer's own clock, or a day, which ends as it does there.
    """
    over = max(occurred, ended(ends, zone)) if ends else occurred
    return next_allowed(over + delay, zone, *quiet)


def ended(ends: str, zone: ZoneInfo) -> datetime:
    """Return the instant at which something ends that was said in one of these ways."""
    try:
        if len(ends) == 10:
            return datetime.combine(date.fromisoformat(ends), _LAST, zone)
        said = datetime.fromisoformat(ends)
    except ValueError:
        raise BadInput(
            f"“{ends[:40]}” is not a moment.",
            remedy="Write 2026-05-04T11:00:00+02:00, 2026-05-04T11:00 or 2026-05-04.",
            place=Place(field="ends_at"),
        ) from None
    return said if said.tzinfo else said.replace(tzinfo=zone)
