"""Rows as the lines of a CSV file, one at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence


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
