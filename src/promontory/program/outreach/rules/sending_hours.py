"""When a recipient may be written to: outside of what their zone's clocks call quiet."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=512)
def zone_of(*names: str) -> ZoneInfo:
    """Return the first of these zones that exists; UTC where none does."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def next_allowed(at: datetime, zone: ZoneInfo, quiet_from: time, quiet_until: time) -> datetime:
    """Return `at`, or the end of the quiet hours it falls into.

    The hours may span midnight; equal ends mean that no hour is quiet. Where the clocks skip the
    end, it is the moment they skip to; where they repeat it, the later one.
    """
    local = at.astimezone(zone)
    if not _is_quiet(local.time(), quiet_from, quiet_until):
        return at
    day = local.date()
    if quiet_from > quiet_until and local.time() >= quiet_from:
        day += timedelta(days=1)
    ends = (datetime.combine(day, quiet_until, zone).replace(fold=fold) for fold in (0, 1))
    later = [end for each in ends if (end := each.astimezone(UTC)) > at]
    return min(later) if later else at


def _is_quiet(now: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from == quiet_until:
        return False
    if quiet_from < quiet_until:
        return quiet_from <= now < quiet_until
    return now >= quiet_from or now < quiet_until
