"""What happens on the clock: the table of contents for times."""

from __future__ import annotations

from promontory.jobs.schedule import Entry

ENTRIES: tuple[Entry, ...] = ()
