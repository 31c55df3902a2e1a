"""A cell as an instant: never a zone, an order of day and month, or an hour by guess.

InstantReading   what a sample of cells shows, and what must be asked
InstantRule      what was declared or proved, with which every cell is judged
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from promontory.errors import BadInput
from promontory.tables.values.answers import is_missing
from promontory.tables.values.distinct import as_array, judge
from promontory.tables.values.isotimes import iso_instants
from promontory.tables.verdicts import Verdict

Order = Literal["dmy", "mdy", "ymd"]
Numbers = Literal["epoch-s", "epoch-ms", "excel"]
Fold = Literal["ask", "earlier", "later"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LAST = datetime(2100, 1, 1, tzinfo=UTC)
# Excel's day 60 is a 29 February 1900 that never was; from 1 March 1900 on this origin is exact.
_EXCEL_ORIGIN = datetime(1899, 12, 30)  # noqa: DTZ001 — a wall clock, zoned below

_CLOCK = (
    r"(?:[T ,]+(?P<h>\d{1,2})[:h.](?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"\s*(?P<ap>[AaPp]\.?[Mm]\.?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
NUMERIC = re.compile(r"^(?P<a>\d{1,2})[/.\-](?P<b>\d{1,2})[/.\-](?P<y>\d{4}|\d{2})" + _CLOCK + "$")
_YEAR_FIRST = re.compile(r"^(?P<y>\d{4})[/.\-](?P<a>\d{1,2})[/.\-](?P<b>\d{1,2})" + _CLOCK + "$")
_NAMED = re.compile(
    r"^(?:[^\W\d]+,?\s+)?(?:(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?[\s\-]+(?:de )?(?P<m>[^\W\d]{3,})\.?"
    r"|(?P<m2>[^\W\d]{3,})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?),?[\s\-]+(?:de )?(?P<y>\d{4})"
    + _CLOCK
    + "$"
)
_CLOCK_MARK = re.compile(r"\dT\d")
DIGITS = re.compile(r"^\d+(?:\.\d+)?$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier januar enero janeiro gennaio januari janv ene gen",
            "feb february fevrier februar febrero fevereiro febbraio februari fevr fev",
            "mar march mars marz marzo marco maart mrz mrt",
            "apr april avril abril aprile avr abr",
            "may mai mayo maio maggio mei mag",
            "jun june juin juni junio junho giugno giu",
            "jul july juillet juli julio julho luglio juil lug",
            "aug august aout agosto augustus ago",
            "sep sept september septembre septiembre setembro settembre set",
            "oct october octobre oktober octubre outubro ottobre okt out ott",
            "nov november novembre noviembre novembro",
            "dec december decembre dezember diciembre dezembro dicembre dez dic",
        ),
        start=1,
    )
    for name in names.split()
}


@dataclass(frozen=True, slots=True)
class InstantRule:
    """How a column's cells are to be read.

    `zone` is the IANA name of the clock that naive times were read from, and of the local day;
    `order` is needed for numeric dates, `numbers` for bare numbers; `fold` says which of the two
    hours is meant when the clocks were put back ("ask" refuses the cell).
    """

    zone: str | None = None
    order: Order | None = None
    numbers: Numbers | None = None
    fold: Fold = "ask"

    def __post_init__(self) -> None:
        if self.zone is not None:
            zone_of(self.zone)


@dataclass(frozen=True, slots=True)
class Instant:
    """One cell judged: the instant (UTC) and the local day (days since 1970-01-01), or why not."""

    verdict: Verdict
    at: datetime | None = None
    day: int | None = None

    @property
    def ok(self) -> bool:
        return self.verdict is Verdict.OK


@dataclass(frozen=True, slots=True)
class Instants:
    """A column judged: `at` (microseconds since 1970 UTC), local `day`, `verdict` codes."""

    at: npt.NDArray[np.int64]
    day: npt.NDArray[np.int32]
    verdict: npt.NDArray[np.uint8]

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.verdict == Verdict.OK.code)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The time zone of this IANA name or offset; an unknown name is refused."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    if match := re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name):
        minutes = int(match[2]) * 60 + int(match[3])
        return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            f"“{name}” is not a time zone.", remedy="Use a name such as Europe/Paris, or +02:00."
        ) from error


def instant(cell: object, rule: InstantRule = InstantRule()) -> Instant:
    """Judge one cell as an instant under the rule."""
    if is_missing(cell):
        return Instant(Verdict.SKIPPED)
    wall = _wall_clock(cell, rule)
    if isinstance(wall, Verdict):
        return Instant(wall)
    if wall.tzinfo is None:
        if _is_bare_day(cell, wall):
            return _of_day(wall, rule)
        if rule.zone is None:
            return Instant(Verdict.NO_ZONE)
        placed = _placed(wall, zone_of(rule.zone), rule.fold)
        if isinstance(placed, Verdict):
            return Instant(placed)
        wall = placed
    elif rule.zone is not None:
        wall = wall.astimezone(zone_of(rule.zone))
    try:
        at = wall.astimezone(UTC)
    except OverflowError:
        return Instant(Verdict.OUT_OF_TIME)
    if not _EPOCH <= at < _LAST:
        return Instant(Verdict.OUT_OF_TIME)
    return Instant(Verdict.OK, at, wall.toordinal() - _EPOCH_DAY)


def instants(column: object, rule: InstantRule = InstantRule()) -> Instants:
    """Judge a whole column (Arrow, NumPy, list) as instants under the rule."""
    array = as_array(column)
    if pa.types.is_timestamp(array.type) and array.type.unit == "ns":
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False)

    def judged(cell: object) -> tuple[int, int, int]:
        result = instant(cell, rule)
        if result.at is None or result.day is None:
            return 0, 0, result.verdict.code
        return (result.at - _EPOCH) // _MICROSECOND, result.day, Verdict.OK.code

    fill = (np.int64(0), np.int32(0), np.uint8(Verdict.SKIPPED.code))
    if pa.types.is_string(array.type):
        read = iso_instants(array, rule.zone)
        if read is not None:
            at, day, done = read
            verdict = np.full(len(array), Verdict.OK.code, np.uint8)
            if not done.all():
                rest = ~done
                at[rest], day[rest], verdict[rest] = judge(
                    array.filter(pa.array(rest)), judged, fill
                )
            return Instants(at, day, verdict)
    at, day, verdict = judge(array, judged, fill)
    return Instants(at, day, verdict)


_MICROSECOND = timedelta(microseconds=1)


def _is_bare_day(cell: object, wall: datetime) -> bool:
    """Whether the cell names a day and no time of it."""
    if isinstance(cell, datetime) or wall.time() != time.min:
        return False
    text = str(cell)
    return ":" not in text and not _CLOCK_MARK.search(text)


def _of_day(wall: datetime, rule: InstantRule) -> Instant:
    """A day is the same day whatever the clock; its instant is when it began there."""
    began = wall.replace(tzinfo=zone_of(rule.zone) if rule.zone else UTC, fold=0)
    at = began.astimezone(UTC) if 1 < wall.year < 9999 else wall.replace(tzinfo=UTC)
    if not _EPOCH <= at < _LAST:
        return Instant(Verdict.OUT_OF_TIME)
    return Instant(Verdict.OK, at, wall.toordinal() - _EPOCH_DAY)


def _wall_clock(cell: object, rule: InstantRule) -> datetime | Verdict:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 — zoned by the caller
    if isinstance(cell, bool):
        return Verdict.NOT_AN_INSTANT
    if isinstance(cell, (int, float, np.number)):
        return _from_number(float(cell), rule)
    text = str(cell).strip()
    if DIGITS.match(text) and not is_compact(text):
        return _from_number(float(text), rule)
    try:
        # Only what begins with a year is left to the standard library: it reads nothing else.
        if len(text) >= 8 and text[:4].isdigit():
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    return _from_text(text, rule)


def _from_number(number: float, rule: InstantRule) -> datetime | Verdict:
    if not math.isfinite(number):
        return Verdict.NOT_AN_INSTANT
    try:
        if rule.numbers == "epoch-s":
            return _EPOCH + timedelta(seconds=number)
        if rule.numbers == "epoch-ms":
            return _EPOCH + timedelta(milliseconds=number)
        if rule.numbers == "excel":
            # A serial is a decimal fraction of a day: half a second is all it can promise.
            wall = _EXCEL_ORIGIN + timedelta(days=number) + timedelta(milliseconds=500)
            return wall.replace(microsecond=0)
    except OverflowError:
        return Verdict.OUT_OF_TIME
    return Verdict.NOT_AN_INSTANT


def _from_text(text: str, rule: InstantRule) -> datetime | Verdict:
    if match := _YEAR_FIRST.match(text):
        return _built(match, int(match["y"]), int(match["a"]), int(match["b"]))
    if match := NUMERIC.match(text):
        a, b = int(match["a"]), int(match["b"])
        order = rule.order
        if order is None or order == "ymd":
            if a <= 12 and b <= 12 and a != b:
                return Verdict.DAY_OR_MONTH
            order = "dmy" if a > 12 else "mdy"
        day, month = (a, b) if order == "dmy" else (b, a)
        return _built(match, _full_year(match["y"]), month, day)
    if match := _NAMED.match(text):
        from promontory.tables.values.missing import folded

        month = _MONTHS.get(folded(match["m"] or match["m2"]), 0)
        return _built(match, int(match["y"]), month, int(match["d"] or match["d2"]))
    return Verdict.NOT_AN_INSTANT


def _built(match: re.Match[str], year: int, month: int, day: int) -> datetime | Verdict:
    hour = int(match["h"] or 0)
    if half := (match["ap"] or "").lower():
        if not 1 <= hour <= 12:
            return Verdict.NOT_AN_INSTANT
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    micro = int((match["f"] or "0")[:6].ljust(6, "0"))
    zone = _offset(match["z"])
    try:
        return datetime(
            year, month, day, hour, int(match["mi"] or 0), int(match["s"] or 0), micro, tzinfo=zone
        )
    except ValueError:
        return Verdict.NOT_AN_INSTANT


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))


def _full_year(text: str) -> int:
    # Answers are from our own time: two digits are of this century.
    return int(text) if len(text) == 4 else 2000 + int(text)


def _placed(wall: datetime, zone: tzinfo, fold: Fold) -> datetime | Verdict:
    """The wall clock in the zone; hours that never were, or were twice, are told apart."""
    earlier, later = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return earlier
    there_and_back = earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if there_and_back != wall.replace(fold=0):
        return Verdict.SKIPPED_HOUR
    if fold == "ask":
        return Verdict.REPEATED_HOUR
    return earlier if fold == "earlier" else later


def is_compact(text: str) -> bool:
    """Whether the digits are a date without separators, such as 20260331."""
    return (
        len(text) in (8, 14)
        and text.isdigit()
        and text[:2] in ("19", "20")
        and 1 <= int(text[4:6]) <= 12
        and 1 <= int(text[6:8]) <= 31
    )
