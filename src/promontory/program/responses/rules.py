"""What an answer is worth keeping as: reasons, statuses and the words the ledger keeps of it."""

from __future__ import annotations

from enum import IntFlag, StrEnum


class Excluded(IntFlag):
    """Why an answer does not count; one bit a reason, kept as a mask with the answer."""

    NONE = 0
    TEST = 1
    EMPLOYEE = 2
    DUPLICATE = 4
    SCANNER = 8
    STRAIGHT_LINE = 16
    STAFF_ENTERED = 32
    MANUAL = 64
    NOT_A_CUSTOMER = 128
    OUTSIDE_POPULATION = 256


class ImportStatus(StrEnum):
    """Where an import stands; it becomes visible whole, at `done`, or not at all."""

    UPLOADED = "uploaded"  # the file is here, columns are proposed
    PREVIEWING = "previewing"  # every row is being judged
    PREVIEWED = "previewed"  # the verdicts are there; waiting for a person's go
    COMMITTING = "committing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
