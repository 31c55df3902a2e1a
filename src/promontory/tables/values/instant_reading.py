"""What a sample of cells shows about how its instants are written, and what has to be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from promontory.tables.values.answers import is_missing
from promontory.tables.values.instants import (
    DIGITS,
    NUMERIC,
    InstantRule,
    Numbers,
    Order,
    instant,
    is_compact,
)
from promontory.tables.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class InstantReading:
    """What a sample of cells shows about how its instants are written.

    `rule` holds what the evidence proves; `questions` what only a person can say:
    "order" (day or month first), "zone" (which clock), "numbers" (what the numbers count).
    """

    rule: InstantRule
    why: str
    questions: tuple[str, ...] = ()
    share: float = 0.0


# Evidence of the order is taken from every cell; whether they can be read, from so many of them.
_PROBES = 500


def read_instants(cells: Iterable[object], declared: InstantRule = InstantRule()) -> InstantReading:
    """Read a sample of cells: what its evidence proves, and what has to be asked."""
    present = [cell for cell in cells if not is_missing(cell)]
    texts = [str(cell).strip() for cell in present]
    numeric = [match for text in texts if (match := NUMERIC.match(text))]
    numbers = [float(text) for text in texts if DIGITS.match(text) and not is_compact(text)]
    order, order_why = _order_of(numeric, declared.order)
    unit, unit_why = _unit_of(numbers, declared.numbers)
    rule = InstantRule(declared.zone or "UTC", order, unit, declared.fold)
    probe = present[:: max(1, len(present) // _PROBES)]
    judged = [
        instant(cell, InstantRule(rule.zone, order or "dmy", unit, "earlier")) for cell in probe
    ]
    readable = sum(result.ok for result in judged)
    if order is None and numeric:
        # Under either order, whichever reads more: the question is asked all the same.
        other = [instant(cell, InstantRule(rule.zone, "mdy", unit, "earlier")) for cell in probe]
        readable = max(readable, sum(result.ok for result in other))
    naive = any(
        instant(c, InstantRule(None, order or "dmy", unit)).verdict is Verdict.NO_ZONE
        for c in probe
    )
    questions = []
    if numeric and order is None:
        questions.append("order")
    if numbers and unit is None:
        questions.append("numbers")
    # Numbers of unknown unit may be a spreadsheet's, which say no zone either.
    if (naive or "numbers" in questions) and declared.zone is None:
        questions.append("zone")
    return InstantReading(
        InstantRule(declared.zone, order, unit, declared.fold),
        "; ".join(filter(None, (order_why, unit_why))) or "year first",
        tuple(questions),
        readable / len(probe) if probe else 0.0,
    )


def _order_of(matches: list[re.Match[str]], declared: Order | None) -> tuple[Order | None, str]:
    if declared:
        return declared, f"order declared ({declared})"
    if not matches:
        return None, ""
    first = sum(int(match["a"]) > 12 for match in matches)
    second = sum(int(match["b"]) > 12 for match in matches)
    if first and second:
        return None, (
            f"{first} dates can only be day/month and {second} only month/day: two orders are mixed"
        )
    if first:
        example = next(match[0] for match in matches if int(match["a"]) > 12)
        return "dmy", f"day first, as “{example}” shows"
    if second:
        example = next(match[0] for match in matches if int(match["b"]) > 12)
        return "mdy", f"month first, as “{example}” shows"
    return None, "no date in the sample has a day above 12"


def _unit_of(numbers: list[float], declared: Numbers | None) -> tuple[Numbers | None, str]:
    if declared:
        return declared, f"numbers declared ({declared})"
    if not numbers:
        return None, ""
    low, high = min(numbers), max(numbers)
    # 1990 to 2100 in each unit; the three ranges do not touch, so the size is the evidence.
    if low >= 631_152_000 and high < 4_102_444_800:
        return "epoch-s", "seconds since 1970, by their size"
    if low >= 631_152_000_000 and high < 4_102_444_800_000:
        return "epoch-ms", "milliseconds since 1970, by their size"
    if low >= 32_874 and high < 73_051:
        return None, "numbers the size of a spreadsheet's dates"
    return None, "numbers of no known unit"
