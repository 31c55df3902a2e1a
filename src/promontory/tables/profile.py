"""What a sample of a column's cells shows, whatever the column is called."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from promontory.tables.values.answers import is_missing, number_in
from promontory.tables.values.instant_reading import InstantReading, read_instants
from promontory.tables.values.instants import InstantRule, instant

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]{2,}$")
_PHONE = re.compile(r"^\+?[\d\s().\-]{8,20}$")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$")


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares are of the cells that are not missing."""

    filled: int
    distinct: int
    whole: float
    numeric: float
    in_scale: float
    emails: float
    phones: float
    languages: float
    mean_length: float
    spaces: float
    top: dict[str, int]
    instants: InstantReading | None

    @property
    def unique(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def could_be_score(self) -> bool:
        """Whether the cells are answers: whole numbers on one short scale."""
        return self.filled > 0 and self.in_scale >= 0.9 and self.distinct <= 12

    @property
    def could_be_text(self) -> bool:
        return (
            self.filled > 0 and self.numeric < 0.2 and (self.mean_length > 20 or self.spaces > 0.5)
        )

    @property
    def could_be_attribute(self) -> bool:
        """Whether the cells sort rows into groups: few values, each short, many rows to each."""
        few = self.distinct <= max(20, self.filled // 20) and self.distinct <= 5_000
        return self.filled > 0 and self.mean_length <= 60 and few


def profile(column: Any) -> Profile:
    """Profile a column's sample (Arrow array or list)."""
    cells = column.to_pylist() if isinstance(column, (pa.Array, pa.ChunkedArray)) else list(column)
    present = [cell for cell in cells if not is_missing(cell)]
    counts: Counter[Any] = Counter(str(cell).strip() for cell in present)
    total = len(present)
    if not total:
        return Profile(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {}, None)
    numbers = {text: number_in(text)[0] for text in counts}
    whole = {t: n for t, n in numbers.items() if n is not None and n == n.to_integral_value()}

    def share(chosen: Any) -> float:
        return sum(counts[text] for text in chosen) / total

    return Profile(
        filled=total,
        distinct=len(counts),
        whole=share(whole),
        numeric=share(text for text, number in numbers.items() if number is not None),
        in_scale=share(text for text, number in whole.items() if 0 <= number <= 10),
        emails=share(text for text in counts if _EMAIL.match(text)),
        phones=share(text for text in counts if _PHONE.match(text) and _digits(text) >= 8),
        languages=share(text for text in counts if _LANGUAGE.match(text)),
        mean_length=sum(len(text) * count for text, count in counts.items()) / total,
        spaces=share(text for text in counts if text.count(" ") >= 2),
        top=dict(counts.most_common(12)),
        instants=_instants(present),
    )


def _instants(present: list[Any]) -> InstantReading | None:
    """How the cells read as instants; None when too few of them do."""
    probe = present[:50]
    trial = InstantRule("UTC", "dmy", None, "earlier")
    other = InstantRule("UTC", "mdy", None, "earlier")
    hits = sum(instant(c, trial).ok or instant(c, other).ok for c in probe)
    if hits < 0.5 * len(probe) and not all(_large(cell) for cell in probe):
        return None
    reading = read_instants(present)
    return reading if reading.share >= 0.5 or "numbers" in reading.questions else None


def _large(cell: Any) -> bool:
    number = number_in(cell)[0]
    return number is not None and number >= 32_874


def _digits(text: str) -> int:
    return sum(ch.isdigit() for ch in text)
