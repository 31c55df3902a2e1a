"""What can be said of a cell or a row: one list of verdicts for the library, the command line
and the import, each with a sentence and a remedy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """A verdict on a cell or a row; `code` is what vectorised results carry."""

    OK = (0, "ok", "counted", "")
    SKIPPED = (1, "skipped", "no answer was given", "")
    NOT_A_NUMBER = (
        2,
        "not-a-number",
        "is not a number",
        "Write the answer as a whole number, or leave the cell empty.",
    )
    FRACTION = (
        3,
        "fraction",
        "is not a whole number; answers are never rounded",
        "Give the answer as it was ticked; an average of several answers is not an answer.",
    )
    OUT_OF_SCALE = (
        4,
        "out-of-scale",
        "lies outside the scale",
        "Correct the cell, or declare the scale that was really asked.",
    )
    RATIO = (
        5,
        "ratio",
        "is written as a ratio",
        "Write the answer alone (10, not 10/10).",
    )
    CELL_ERROR = (
        6,
        "cell-error",
        "is a formula's error, or a formula without a stored result",
        "Open the workbook, let it calculate, paste the values and save it again.",
    )
    CONTROL = (
        7,
        "control-characters",
        "holds control characters",
        "The file was damaged on its way; export it again, or clean the cell.",
    )
    MISSING_WEIGHT = (
        8,
        "bad-weight",
        "is not a weight of zero or more",
        "Give a number of at least 0, or leave the column out.",
    )
    NOT_AN_INSTANT = (
        20,
        "not-a-date",
        "is not a date or time that can be read",
        "Write it as 2026-03-31 or 2026-03-31T14:05:00+02:00.",
    )
    DAY_OR_MONTH = (
        21,
        "day-or-month",
        "can be read as day/month or month/day",
        "Declare the order of the date: day first or month first.",
    )
    NO_ZONE = (
        22,
        "no-time-zone",
        "says no time zone",
        "Declare the time zone the times were recorded in, such as Europe/Paris.",
    )
    SKIPPED_HOUR = (
        23,
        "skipped-hour",
        "never happened: the clocks were put forward over it",
        "Declare the right time zone, or give the time with its offset.",
    )
    REPEATED_HOUR = (
        24,
        "repeated-hour",
        "happened twice: the clocks were put back over it",
        "Give the time with its offset, or declare whether the earlier or the later is meant.",
    )
    OUT_OF_TIME = (
        25,
        "out-of-time",
        "lies before 1970 or after 2100",
        "Check the format of the date column.",
    )
    RAGGED = (
        40,
        "ragged",
        "does not have as many cells as the header",
        "Check for a delimiter inside an unquoted text, or a line break that cut the row.",
    )
    UNCLOSED_QUOTE = (
        41,
        "unclosed-quote",
        "opens a quotation mark that is never closed",
        "Close the quotation mark, or double it inside the text.",
    )
    BLANK_ROW = (42, "blank-row", "is empty", "")
    NOT_JSON = (
        43,
        "not-json",
        "is not a JSON object",
        'Every line must be one object: {"score": 9, "region": "North"}.',
    )

    def __init__(self, code: int, slug: str, sentence: str, remedy: str) -> None:
        self.code = code
        self.slug = slug
        self.sentence = sentence
        self.remedy = remedy

    @property
    def refused(self) -> bool:
        """Whether something was there that could not be taken."""
        return self not in _TAKEN

    @classmethod
    def of(cls, code: int) -> Verdict:
        """The verdict a vectorised result's code stands for."""
        return _BY_CODE[code]

    @classmethod
    def by_slug(cls, slug: str) -> Verdict:
        """The verdict of this slug."""
        return _BY_SLUG[slug]


_TAKEN = frozenset({Verdict.OK, Verdict.SKIPPED, Verdict.BLANK_ROW})
_BY_CODE = {verdict.code: verdict for verdict in Verdict}
_BY_SLUG = {verdict.slug: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict at its place: row (header = row 1), column and what stood there."""

    verdict: Verdict
    row: int | None = None
    column: str = ""
    raw: str = ""

    def __str__(self) -> str:
        where = [f"row {self.row:,}"] if self.row is not None else []
        where += [f"column “{self.column}”"] if self.column else []
        what = f"“{shown(self.raw)}” " if self.raw else ""
        place = ", ".join(where) + ": " if where else ""
        return f"{place}{what}{self.verdict.sentence}. {self.verdict.remedy}".rstrip()


@dataclass(slots=True)
class Counts:
    """How many cells or rows got which verdict, with the first few of each as examples."""

    by_verdict: Counter[Verdict] = field(default_factory=Counter)
    examples: dict[Verdict, list[Finding]] = field(default_factory=dict)
    keep: int = 3

    def add(self, verdict: Verdict, count: int = 1) -> None:
        """Count a verdict."""
        if count:
            self.by_verdict[verdict] += count

    def example(self, finding: Finding) -> None:
        """Keep this finding, unless enough of its kind are kept."""
        kept = self.examples.setdefault(finding.verdict, [])
        if len(kept) < self.keep:
            kept.append(finding)

    @property
    def refused(self) -> int:
        """How many were refused in all."""
        return sum(count for verdict, count in self.by_verdict.items() if verdict.refused)

    def __getitem__(self, verdict: Verdict) -> int:
        return self.by_verdict[verdict]


def shown(raw: str, limit: int = 40) -> str:
    """A cell's text, fit to be shown in a message: control characters escaped, long texts cut."""
    text = "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode() for ch in raw)
    return text if len(text) <= limit else text[: limit - 1] + "…"
