"""Conditions and calendar words over arrays: the same rules as the engines', in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from promontory.warehouse.question import By, Periods
from promontory.warehouse.scan import Clear, Condition, In

Numbers = npt.NDArray[Any]

CALENDAR = frozenset({"day", "week", "month", "quarter", "year"})
"""The groupings that follow from the day; `Periods` is another."""


def needs_days(by: By) -> bool:
    """Say whether a grouping cannot be told from the month."""
    return isinstance(by, Periods) or by in ("day", "week")


def key_of(by: By, columns: Mapping[str, Numbers]) -> Numbers:
    """Return the group of each row; −1 where it is in none of the `Periods`."""
    if isinstance(by, Periods):
        period = np.full(columns["day"].size, -1, np.int64)
        for index, (first, last) in enumerate(by.stretches):
            period[(columns["day"] >= first) & (columns["day"] <= last)] = index
        return period
    if by == "week":
        monday: Numbers = columns["day"] - (columns["day"] + 3) % 7
        return monday
    months = {"quarter": 3, "year": 12}.get(by)
    column = columns["month" if months else by]
    return column - column % months if months else column


def holds(condition: Condition, values: Numbers) -> Numbers:
    """Return where the condition holds."""
    if isinstance(condition, In):
        if len(condition.values) == 1:
            same: Numbers = values == condition.values[0]
            return same
        return np.isin(values, condition.values)
    if isinstance(condition, Clear):
        clear: Numbers = values & condition.bits == 0
        return clear
    held: Numbers = np.ones(values.size, bool)
    if condition.low is not None:
        held &= values >= condition.low
    if condition.high is not None:
        held &= values <= condition.high
    return held
