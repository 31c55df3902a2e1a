"""Every row of a file read by its mapping: what it says, or why it cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa

from promontory.program.customers.codes import Way
from promontory.program.customers.rules import cells
from promontory.program.customers.rules.mapping import Mapping
from promontory.program.customers.rules.reasons import LONGEST_SHOWN, Fault, Reason
from promontory.program.customers.rules.rows import Row
from promontory.tables.table import PROBLEM, RAW, ROW
from promontory.tables.values import texts

_REFUSALS = {
    "refused": Way.ALL,
    "refused_email": Way.EMAIL,
    "refused_sms": Way.SMS,
    "refused_voice": Way.VOICE,
}


@dataclass(slots=True)
class Judged:
    """One row of a file: what it says, or why not; `cells` are those it came with."""

    number: int
    row: Row | None
    cells: Sequence[str | None]
    reasons: list[Reason] = field(default_factory=list)
    is_blank: bool = False


class Judge:
    """Judges batch after batch under one mapping; `columns` are those of the file, in order."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], *, now: datetime) -> None:
        self.mapping = mapping
        self._columns = list(columns)
        self._now = now
        read = self._readers(mapping)
        place = {name: at for at, name in enumerate(self._columns)}
        self._fields = [
            (place[c.name], c.name, c.role, read[c.role]) for c in mapping.columns if c.role in read
        ]
        self._attributes = [place[column.name] for column in mapping.attributes]

    def _readers(self, mapping: Mapping) -> dict[str, Callable[[str], Any]]:
        plain = {
            role: partial(cells.text, role=role)
            for role in ("customer", "name", "account", "account_name", "stake", "household")
        }
        return {
            **plain,
            "email": cells.email,
            "phone": partial(cells.phone, region=mapping.region),
            "language": cells.language,
            "zone": cells.zone,
            "basis": cells.basis,
            "consent_at": self._past,
            "allowed": cells.flag,
            **dict.fromkeys(_REFUSALS, cells.flag),
        }

    def judge(self, batch: pa.RecordBatch) -> list[Judged]:
        """Return every row of the batch, judged."""
        numbers = batch.column(ROW).to_pylist()
        problems = batch.column(PROBLEM).to_pylist()
        raws = batch.column(RAW).to_pylist()
        columns = [texts(batch.column(name)).to_pylist() for name in self._columns]
        rows = list(zip(*columns, strict=True)) if columns else [()] * len(numbers)
        return [
            self._broken(number, problem, raw) if problem is not None else self._row(number, said)
            for number, problem, raw, said in zip(numbers, problems, raws, rows, strict=True)
        ]

    def _broken(self, number: int, problem: str, raw: str | None) -> Judged:
        if problem == "blank-row":
            return Judged(number, None, (), is_blank=True)
        shown = (raw or "")[:LONGEST_SHOWN]
        return Judged(number, None, [raw], [Reason(problem, "", shown)])

    def _row(self, number: int, said: Sequence[str | None]) -> Judged:
        if not any(said):
            return Judged(number, None, (), is_blank=True)
        reasons: list[Reason] = []
        row = Row(number)
        for place, name, role, read in self._fields:
            cell = said[place]
            if cell is None:
                continue
            try:
                value = read(cell)
            except Fault as fault:
                reasons.append(Reason(fault.slug, name, fault.raw[:LONGEST_SHOWN]))
                continue
            if role == "allowed":
                row.opens, row.closes = _told(row, Way.ALL, is_allowed=value)
            elif role in _REFUSALS:
                row.opens, row.closes = _told(row, _REFUSALS[role], is_allowed=not value)
            else:
                setattr(row, role, value)
        if self._attributes:
            row.attributes = tuple(said[place] for place in self._attributes)
            for place in self._attributes:
                if len(said[place] or "") > cells.LONGEST_LABEL:
                    raw = (said[place] or "")[:LONGEST_SHOWN]
                    reasons.append(Reason("too-long", self._columns[place], raw))
        if not reasons and not (row.customer or row.email or row.phone):
            reasons.append(Reason("nobody"))
        row.opens &= ~row.closes
        return Judged(number, None if reasons else row, said, reasons)

    def _past(self, cell: str) -> datetime:
        found = cells.moment(cell, self.mapping.dates)
        if found > self._now:
            raise Fault("future", cell)
        return found


def _told(row: Row, ways: Way, *, is_allowed: bool) -> tuple[int, int]:
    """Return what a row opens and closes once one more of its cells has been heard."""
    if is_allowed:
        return row.opens | ways, row.closes
    return row.opens, row.closes | ways
