"""What a text becomes in a cell that a spreadsheet will open."""

from __future__ import annotations

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return the text as a cell that no spreadsheet takes for a formula."""
    if text.lstrip(" ").startswith(_RUN):
        return f"'{text}"
    return text
