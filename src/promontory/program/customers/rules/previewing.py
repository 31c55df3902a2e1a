"""What a file would do, counted row by row in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promontory.program.customers.rules.judging import Judged
from promontory.program.customers.rules.mapping import Mapping
from promontory.program.customers.rules.reasons import Reason, explain
from promontory.program.customers.rules.resolving import Resolver

MOST_VALUES = 5_000
"""A column with more distinct values than this tells people apart and is no attribute."""
_SAMPLES_A_REASON = 5
_SAMPLES = 60


class Previewer:
    """Counts what rows would become; nothing is written by it."""

    def __init__(self, mapping: Mapping, resolver: Resolver) -> None:
        self._mapping = mapping
        self._resolver = resolver
        self._counts: dict[str, int] = {}
        self._reasons: dict[str, int] = {}
        self._samples: list[dict[str, Any]] = []
        self._values: dict[str, set[str]] = {c.name: set() for c in mapping.attributes}
        self.last_row = 0

    def add(self, judged: Sequence[Judged]) -> None:
        """Count a batch."""
        resolved = self._resolver.resolve([one.row for one in judged if one.row is not None])
        who = iter(resolved)
        for one in judged:
            self.last_row = max(self.last_row, one.number)
            if one.is_blank:
                self._count("blank rows")
                continue
            if one.row is None:
                self._reject(one.number, one.reasons)
                continue
            found = next(who)
            if found.reasons:
                self._reject(one.number, found.reasons)
                continue
            self._count("good")
            if found.again:
                self._count("further accounts")
            else:
                self._count("known" if found.state else "new")
                if found.state and one.row.opens & found.state.closed:
                    self._count("would open")
                if one.row.closes:
                    self._count("refusals")
            for column, value in zip(self._mapping.attributes, one.row.attributes, strict=False):
                values = self._values[column.name]
                if value and len(values) <= MOST_VALUES:
                    values.add(value)

    def result(self) -> dict[str, Any]:
        """Return what was found."""
        return {
            "counts": self._counts,
            "reasons": dict(sorted(self._reasons.items(), key=lambda each: -each[1])),
            "samples": self._samples,
            "attributes": {
                name: {"distinct": len(values), "crowded": len(values) > MOST_VALUES}
                for name, values in self._values.items()
            },
            "last row": self.last_row,
        }

    def _count(self, what: str) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1

    def _reject(self, row: int, reasons: Sequence[Reason]) -> None:
        self._count("set apart")
        for reason in reasons:
            times = self._reasons[reason.slug] = self._reasons.get(reason.slug, 0) + 1
            if times <= _SAMPLES_A_REASON and len(self._samples) < _SAMPLES:
                self._samples.append({"row": row, "says": explain(reason)})
