"""A cell as an answer on a scale, and what a column's answers say about the scale."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from promontory.tables.values.distinct import judge
from promontory.tables.values.missing import LONGEST_WORD, WORDS, folded
from promontory.tables.values.texts import CONTROL
from promontory.tables.verdicts import Verdict

_RATIO = re.compile(
    r"^\s*[-+]?\d+(?:[.,]\d+)?\s*(?:/|\\|:|of|out of|sur|von|de|di|van|z|из)\s*\d+\s*$", re.I
)
_NUMBER = re.compile(r"^[-+−]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?$")
_ERRORS = frozenset(
    {"#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
# A workbook's formula cell without a stored result, as the reader marks it.
NO_RESULT = "#FORMULA?"


@dataclass(frozen=True, slots=True)
class Scale:
    """The whole numbers that may be answered, from `low` to `high`."""

    low: int = 0
    high: int = 10

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low}–{self.high}"

    @classmethod
    def parse(cls, text: str) -> Scale:
        """The scale written as "0-10", "1–5" or "1..7"."""
        match = re.fullmatch(r"\s*(-?\d+)\s*(?:-|–|\.\.|:|to)\s*(-?\d+)\s*", text)
        if not match or int(match[1]) >= int(match[2]):
            raise ValueError(f"“{text}” is not a scale; write it as 0-10.")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Answer:
    """One cell judged: the answer when the verdict is ok, else None and why."""

    verdict: Verdict
    value: int | None = None

    @property
    def ok(self) -> bool:
        return self.verdict is Verdict.OK


@dataclass(frozen=True, slots=True)
class Answers:
    """A column judged: `value` (int64, 0 where not ok) and `verdict` (codes), cell by cell."""

    value: npt.NDArray[np.int64]
    verdict: npt.NDArray[np.uint8]

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.verdict == Verdict.OK.code)

    def counts(self) -> dict[Verdict, int]:
        """How many cells got which verdict."""
        codes, counts = np.unique(self.verdict, return_counts=True)
        return {
            Verdict.of(int(code)): int(count) for code, count in zip(codes, counts, strict=True)
        }


def is_missing(cell: object) -> bool:
    """Whether the cell says "nothing was answered": blank, null, NaN or a word for it."""
    if cell is None:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    if isinstance(cell, str):
        stripped = cell.strip()
        # Folding may lengthen a text, never shorten it by half.
        return not stripped or (len(stripped) <= 2 * LONGEST_WORD and folded(stripped) in WORDS)
    # pandas.NA, NaT, numpy's NaN and the like are the values that do not equal themselves.
    try:
        return bool(cell != cell)
    except (TypeError, ValueError):
        return True


def answer(cell: object, scale: Scale = Scale()) -> Answer:
    """Judge one cell as an answer on the scale. Nothing is rounded, rescaled or recoded."""
    if is_missing(cell):
        return Answer(Verdict.SKIPPED)
    number, verdict = number_in(cell)
    if number is None:
        return Answer(verdict)
    if number != number.to_integral_value():
        return Answer(Verdict.FRACTION)
    whole = int(number)
    return Answer(Verdict.OK, whole) if whole in scale else Answer(Verdict.OUT_OF_SCALE)


def answers(column: object, scale: Scale = Scale()) -> Answers:
    """Judge a whole column (Arrow, NumPy, list) as answers on the scale."""

    def rule(cell: object) -> tuple[int, int]:
        judged = answer(cell, scale)
        return judged.value or 0, judged.verdict.code

    value, verdict = judge(column, rule, (np.int64(0), np.uint8(Verdict.SKIPPED.code)))
    return Answers(value, verdict)


def weight(cell: object) -> tuple[float, Verdict]:
    """The cell as a weight: a finite number of zero or more; blanks are refused, not 1."""
    if is_missing(cell):
        return 0.0, Verdict.MISSING_WEIGHT
    number, verdict = number_in(cell)
    if number is None:
        return 0.0, verdict if verdict is Verdict.CONTROL else Verdict.MISSING_WEIGHT
    return (float(number), Verdict.OK) if number >= 0 else (0.0, Verdict.MISSING_WEIGHT)


def weights(column: object) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """A column as weights, and the verdict codes."""

    def rule(cell: object) -> tuple[float, int]:
        value, verdict = weight(cell)
        return value, verdict.code

    value, verdict = judge(column, rule, (np.float64(0), np.uint8(Verdict.MISSING_WEIGHT.code)))
    return value, verdict


def number_in(cell: object) -> tuple[Decimal | None, Verdict]:
    """The number a cell holds, exactly, or the verdict why there is none.

    Decimal comma and point, any script's digits, blanks around and a "+" are read; a thousands
    separator is not, for "1.000" would be two numbers.
    """
    if isinstance(cell, (bool, np.bool_, date)):
        return None, Verdict.NOT_A_NUMBER
    if isinstance(cell, (int, np.integer)):
        return Decimal(int(cell)), Verdict.OK
    if isinstance(cell, (float, np.floating)):
        value = float(cell)
        if not math.isfinite(value):
            return None, Verdict.NOT_A_NUMBER
        return Decimal(value), Verdict.OK
    if isinstance(cell, Decimal):
        return (cell, Verdict.OK) if cell.is_finite() else (None, Verdict.NOT_A_NUMBER)
    return _number_in_text(str(cell))


def _number_in_text(cell: str) -> tuple[Decimal | None, Verdict]:
    stripped = cell.strip().strip("\u200b\ufeff\u200e\u200f\u2060").strip()
    if CONTROL.search(stripped):
        return None, Verdict.CONTROL
    if stripped.upper() in _ERRORS or stripped == NO_RESULT:
        return None, Verdict.CELL_ERROR
    plain = "".join(str(unicodedata.digit(ch)) if _is_foreign_digit(ch) else ch for ch in stripped)
    plain = plain.replace("٫", ".").replace("−", "-").replace("，", ",").replace("．", ".")
    if _NUMBER.match(plain):
        return Decimal(plain.replace(",", ".")), Verdict.OK
    return None, Verdict.RATIO if _RATIO.match(plain) else Verdict.NOT_A_NUMBER


def _is_foreign_digit(ch: str) -> bool:
    # Superscripts and circled numbers are "digits" to Unicode, but not numbers anyone answers in.
    return not ch.isascii() and ch.isdecimal()


@dataclass(frozen=True, slots=True)
class ScaleReading:
    """Which scale a column's answers point to.

    `scale` is None when nothing fits. `question` is set when the answers do not decide (or
    speak against the usual scale), in words that can be put to a person; `choices` are the scales.
    """

    scale: Scale | None
    why: str
    question: str = ""
    choices: tuple[Scale, ...] = ()


# Below this many answers a missing 0 says nothing: at the usual 1–2 % of zeros, 200 answers lack
# one by chance in every tenth file; 500 in fewer than one in a hundred.
ENOUGH_TO_MISS_ZERO = 500
# Fewer answers than this say nothing at all about the scale.
ENOUGH_TO_SAY = 20


def read_scale(counts: Mapping[Any, int]) -> ScaleReading:
    """Which scale these answers (value → how often) were given on, and what remains to be asked."""
    whole: dict[int, int] = {}
    for cell, count in counts.items():
        number = None if is_missing(cell) else number_in(cell)[0]
        if number is not None and number == number.to_integral_value():
            whole[int(number)] = whole.get(int(number), 0) + count
    total = sum(whole.values())
    if not total:
        return ScaleReading(None, "no whole number was answered")
    inside = {value: count for value, count in whole.items() if 0 <= value <= 10}
    zero_to_ten, one_to_ten = Scale(0, 10), Scale(1, 10)
    if total < ENOUGH_TO_SAY and inside:
        why = f"answers run from {min(whole)} to {max(whole)}; too few to say more"
        return ScaleReading(zero_to_ten, why)
    if sum(inside.values()) < 0.9 * total:
        return ScaleReading(
            None,
            f"answers run from {min(whole)} to {max(whole)}, outside 0–10",
            f"The answers run from {min(whole)} to {max(whole)}. Which scale was asked?",
        )
    low, high = min(inside), max(inside)
    if low == 0 and high > 7:
        return ScaleReading(zero_to_ten, f"answers run from 0 to {high}")
    if high > 7 and total < ENOUGH_TO_MISS_ZERO:
        return ScaleReading(
            zero_to_ten, f"answers run from {low} to {high}; too few to say whether 0 was offered"
        )
    if high > 7:
        return ScaleReading(
            zero_to_ten,
            f"answers run from {low} to {high} and none of {total:,} is 0",
            f"None of the {total:,} answers is 0. Was the scale 1–10 rather than 0–10?",
            (zero_to_ten, one_to_ten),
        )
    choices = tuple(
        scale
        for scale in (Scale(1, 5), Scale(0, 5), Scale(1, 7), Scale(0, 10), Scale(0, 1))
        if scale.low <= low and high <= scale.high
    )
    return ScaleReading(
        None if total >= ENOUGH_TO_MISS_ZERO // 5 else zero_to_ten,
        f"answers run from {low} to {high}",
        f"The answers run from {low} to {high}. Which scale was asked?",
        choices,
    )
