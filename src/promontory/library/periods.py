"""Periods as they are written: 2026, 2026-Q1, 2026-03, 2026-03-15, and from..to of these."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from promontory.errors import BadInput

# What may be grouped by though no column is called so: it is derived from the day of the answer.
DERIVED = ("day", "month", "quarter", "year")
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` to `last`, both inclusive, in days since 1970-01-01."""

    first: int
    last: int
    name: str

    def __str__(self) -> str:
        return self.name


def parse(text: str) -> Period:
    """The period of this name; anything else is refused with the forms there are."""
    start, dots, end = text.strip().partition("..")
    try:
        first, last = _span(start)
        if dots:
            last = _span(end)[1]
        if last < first:
            raise ValueError
    except ValueError as error:
        raise BadInput(
            f"“{text}” is not a period.",
            remedy="Write 2026, 2026-Q1, 2026-03, 2026-03-15 or 2026-01..2026-03.",
        ) from error
    return Period(first.toordinal() - _EPOCH, last.toordinal() - _EPOCH, text.strip())


def _span(text: str) -> tuple[date, date]:
    text = text.strip()
    if match := re.fullmatch(r"(\d{4})", text):
        year = int(match[1])
        return date(year, 1, 1), date(year, 12, 31)
    if match := re.fullmatch(r"(\d{4})-?[Qq]([1-4])", text):
        year, month = int(match[1]), 3 * int(match[2])
        return date(year, month - 2, 1), date(year, month, monthrange(year, month)[1])
    if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
        year, month = int(match[1]), int(match[2])
        if not 1 <= month <= 12:
            raise ValueError(text)
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    day = date.fromisoformat(text)
    return day, day


def labels(days: npt.NDArray[np.int32], unit: str) -> list[str]:
    """The name of the day, month, quarter or year each day lies in."""
    kinds, place = np.unique(days, return_inverse=True)
    names = [_label(date.fromordinal(int(day) + _EPOCH), unit) for day in kinds]
    return [names[index] for index in place]


def _label(day: date, unit: str) -> str:
    if unit == "day":
        return day.isoformat()
    if unit == "month":
        return f"{day:%Y-%m}"
    if unit == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return str(day.year)
