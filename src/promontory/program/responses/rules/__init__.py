"""What an answer is worth keeping as: the statuses of its way in."""

from __future__ import annotations

from enum import StrEnum


class ImportStatus(StrEnum):
    """Where an import stands; it becomes visible whole, at `done`, or not at all."""

    UPLOADED = "uploaded"  # the file is here, columns are proposed
    PREVIEWING = "previewing"  # every row is being judged
    PREVIEWED = "previewed"  # the verdicts are there; waiting for a person's go
    COMMITTING = "committing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
