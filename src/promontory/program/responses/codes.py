"""How the reasons for not counting are coded in the ledger and the warehouse."""

from __future__ import annotations

from enum import IntFlag


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
