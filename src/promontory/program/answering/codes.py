"""What a respondent may do, as the intake keeps it."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """One thing a respondent did."""

    SHOWN = "shown"
    CLICKED = "clicked"  # a score in a mail: no answer yet
    PARTIAL = "partial"
    COMPLETE = "complete"
    DISMISSED = "dismissed"
