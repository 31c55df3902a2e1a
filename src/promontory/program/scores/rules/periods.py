"""Periods: stretches of local days, as the warehouse numbers them (days since 1970-01-01).

A period is written in addresses as people write it: `2026-09`, `2026-W37`, `2026-Q3`, `2026`,
`2026-01-01..2026-03-15`, or `all`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from promontory.errors import BadInput, Place

Grain = Literal["week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("week", "month", "quarter", "year")
GRAIN_LABELS = {"week": "Weeks", "month": "Months", "quarter": "Quarters", "year": "Years"}

EPOCH = date(1970, 1, 1)
WEEKS_OF_A_YEAR = 52
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>\d{2})|W(?P<week>\d{2})|Q(?P<quarter>[1-4])))?\Z"
)


def number_of(day: date) -> int:
    """Return a day as the warehouse numbers it."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Return the day behind a number of the warehouse."""
    return EPOCH + timedelta(days=number)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `first` to `last`, both included; `grain` when it is one of the calendar."""

    first: int
    last: int
    grain: Grain | None = None

    @property
    def since(self) -> date:
        return day_of(self.first)

    @property
    def until(self) -> date:
        return day_of(self.last)

    @property
    def text(self) -> str:
        """The period as it stands in an address."""
        first = self.since
        if self.grain == "week":
            year, week, _ = first.isocalendar()
            return f"{year}-W{week:02d}"
        if self.grain == "month":
            return f"{first:%Y-%m}"
        if self.grain == "quarter":
            return f"{first:%Y}-Q{(first.month + 2) // 3}"
        if self.grain == "year":
            return f"{first:%Y}"
        return f"{first.isoformat()}..{self.until.isoformat()}"

    @property
    def label(self) -> str:
        """The period as people say it."""
        first, last = self.since, self.until
        if self.grain == "week":
            return f"the week of {_day(first)}"
        if self.grain == "month":
            return f"{first:%B %Y}"
        if self.grain == "quarter":
            return f"Q{(first.month + 2) // 3} {first:%Y}"
        if self.grain == "year":
            return f"{first:%Y}"
        return _day(first) if first == last else f"{_day(first)} to {_day(last)}"

    @property
    def short(self) -> str:
        """The period as it fits on an axis."""
        first = self.since
        if self.grain == "week":
            return f"{first.day} {first:%b}"
        return f"{first:%b %Y}" if self.grain == "month" else self.text.replace("-", " ")

    def complete(self, today: int) -> bool:
        """Say whether its last day has ended."""
        return self.last < today

    def before(self) -> Period:
        """Return the period just before, of the same kind or, for free dates, the same length."""
        if self.grain is None:
            return Period(self.first - (self.last - self.first + 1), self.first - 1)
        return period_of(self.grain, self.first - 1)

    def after(self) -> Period:
        """Return the period just after."""
        if self.grain is None:
            return Period(self.last + 1, self.last + (self.last - self.first + 1))
        return period_of(self.grain, self.last + 1)

    def year_before(self) -> Period:
        """Return the same period a year earlier; for weeks and free dates, 52 weeks earlier."""
        if self.grain is not None and self.grain != "week":
            first = self.since
            return period_of(self.grain, number_of(date(first.year - 1, first.month, 1)))
        days = 7 * WEEKS_OF_A_YEAR
        return Period(self.first - days, self.last - days, self.grain)

    def overlaps(self, other: Period) -> bool:
        return self.first <= other.last and other.first <= self.last


def period_of(grain: Grain, day: int) -> Period:
    """Return the period of the calendar that a day lies in."""
    when = day_of(day)
    if grain == "week":
        first = day - when.weekday()
        return Period(first, first + 6, "week")
    months = _MONTHS[grain]
    month = (when.month - 1) // months * months
    start = date(when.year, month + 1, 1)
    years, next_month = divmod(month + months, 12)
    following = date(when.year + years, next_month + 1, 1)
    return Period(number_of(start), number_of(following) - 1, grain)


def period_of_key(grain: Grain, key: int) -> Period:
    """Return the period that the warehouse calls by this number when it groups by the grain."""
    if grain == "week":
        return Period(key, key + 6, "week")
    return period_of(grain, number_of(date(1970 + key // 12, key % 12 + 1, 1)))


def run_of(first: Period, last: Period) -> list[Period]:
    """Return every period of the calendar from the first to the last, whether answered or not."""
    run = [first]
    while run[-1].first < last.first:
        run.append(run[-1].after())
    return run


def read_period(text: str, field: str = "period") -> Period:
    """Return the period written so, or refuse what is not one."""
    try:
        if ".." in text:
            first, last = (number_of(date.fromisoformat(part)) for part in text.split("..", 1))
            if first > last:
                raise BadInput("This period ends before it begins.", place=Place(field=field))
            return Period(first, last)
        written = _WRITTEN.match(text)
        if written is not None:
            return _of_calendar(**{k: int(v) for k, v in written.groupdict().items() if v})
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        f"“{text}” is not a period.",
        remedy="Write 2026-09, 2026-W37, 2026-Q3, 2026 or 2026-01-01..2026-03-15.",
        place=Place(field=field),
    )


def _of_calendar(
    year: int, month: int | None = None, week: int | None = None, quarter: int | None = None
) -> Period:
    if week is not None:
        return period_of("week", number_of(date.fromisocalendar(year, week, 1)))
    if quarter is not None:
        return period_of("quarter", number_of(date(year, quarter * 3, 1)))
    if month is not None:
        return period_of("month", number_of(date(year, month, 1)))
    return period_of("year", number_of(date(year, 1, 1)))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
