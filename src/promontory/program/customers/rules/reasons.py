"""Why a row about customers is set apart: each reason with its sentence and its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from promontory.tables.values import Verdict

LONGEST_SHOWN = 80


class Reason(NamedTuple):
    """Why a row was set apart: the reason's slug, the column, and what stood there."""

    slug: str
    column: str = ""
    raw: str = ""


class Fault(Exception):
    """That a cell cannot be taken as it is."""

    def __init__(self, slug: str, raw: str) -> None:
        super().__init__(slug)
        self.slug = slug
        self.raw = raw


SENTENCES = {
    "nobody": (
        "names nobody",
        "Fill in a customer number, an e-mail address or a telephone number.",
    ),
    "bad-email": ("is not an e-mail address", "Write it as name@example.com."),
    "bad-phone": (
        "is not a telephone number",
        "Write it with its country code, as +49 151 23456789.",
    ),
    "national-phone": (
        "is a telephone number without a country code",
        "Say from which country the numbers are, or write it as +49 151 23456789.",
    ),
    "bad-language": ("is not a language we know", "Write its code, as en, de or pt-BR."),
    "bad-zone": ("is not a time zone", "Write it as Europe/Paris."),
    "bad-basis": (
        "is no lawful basis",
        "Write consent, contract, legitimate interest, legal obligation or public task.",
    ),
    "bad-flag": ("is neither yes nor no", "Write yes or no, or leave the cell empty."),
    "future": ("lies in the future", "Give the day on which it was said."),
    "past": ("has passed already", "Give an end in the future, or leave the cell empty."),
    "bad-reason": (
        "is no reason for a hold",
        "Write one that the page of holds offers, such as complaint or open case.",
    ),
    "too-long": ("is longer than can be kept", "Shorten the cell."),
    "same-person": (
        "is the same person as an earlier row",
        "Keep one row a person; a second one is for a second account.",
    ),
    "shared": (
        "shares an address with an earlier row that is somebody else by its number or e-mail",
        "Give the shared address to one of the two.",
    ),
    "conflict": (
        "would make one contact of two",
        "Correct the number or address that belongs to the other.",
    ),
    "taken": (
        "belongs to a contact that has another number or e-mail",
        "Correct the number or address, or change that contact first.",
    ),
    "unknown-who": (
        "names nobody we know",
        "Import the contact first, or correct the number or address.",
    ),
}
"""Reasons that only customers know, beside the verdicts on cells and rows of any file."""

OF_ROWS = frozenset(
    {
        *("ragged", "unclosed-quote", "not-json", "blank-row"),
        *("nobody", "same-person", "shared", "conflict", "unknown-who"),
    }
)


def sentence(slug: str) -> tuple[str, str]:
    """Return what a reason says of a cell or a row, and the remedy."""
    if slug in SENTENCES:
        return SENTENCES[slug]
    verdict = Verdict.by_slug(slug)
    return verdict.sentence, verdict.remedy


def explain(reason: Sequence[str]) -> str:
    """Return a reason as a sentence that names column, cell and remedy."""
    slug, column, raw = reason
    said, remedy = sentence(slug)
    if slug in OF_ROWS:
        beside = f" ({raw})" if raw and slug not in ("ragged", "unclosed-quote", "not-json") else ""
        return f"The row {said}{beside}. {remedy}".strip()
    where = f"Column “{column}”: " if column else ""
    return f"{where}“{raw[:LONGEST_SHOWN]}” {said}. {remedy}".strip()
