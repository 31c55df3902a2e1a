"""What a text becomes in a cell that a spreadsheet will open."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return the text as a cell that no spreadsheet takes for a formula."""
    if text.lstrip(" ").startswith(_RUN):
        return f"'{text}"
    return text


class _Echo:
    """A file that hands back what is written to it, for the CSV writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[str]], *, mark: bool = False) -> Iterator[str]:
    """Yield the lines of these rows; with a mark, Excel does not take it for its old encoding."""
    writer = csv.writer(_Echo())
    if mark:
        yield "\ufeff"
    for row in rows:
        yield writer.writerow(row)
