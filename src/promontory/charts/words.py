"""How numbers are written everywhere a person reads them: true minus, thousands, fixed decimals."""

from __future__ import annotations

MINUS = "−"
EM_DASH = "—"


def decimal(value: float, digits: int = 1, *, signed: bool = False) -> str:
    """Return the value rounded for reading; a rounded zero never carries a sign."""
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    if value < 0:
        return MINUS + text
    return ("+" if signed else "") + text


def count(value: float) -> str:
    """Return a count with thousands separators."""
    return f"{value:,.0f}"


def percent(value: float, digits: int = 1) -> str:
    """Return a percentage; the value is in percent already."""
    return f"{decimal(value, digits)}\u00a0%"


def people(base: int) -> str:
    """Return a base in words."""
    return "1 respondent" if base == 1 else f"{count(base)} respondents"
