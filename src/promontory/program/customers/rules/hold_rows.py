"""A file of holds, row by row: who is not to be asked, why, and until when."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import pyarrow as pa

from promontory.program.customers.identity import IDENTIFIERS, blind_index
from promontory.program.customers.rules import cells
from promontory.program.customers.rules.mapping import Mapping
from promontory.program.customers.rules.packing import Plan, Slice, text_of
from promontory.program.customers.rules.reasons import LONGEST_SHOWN, Fault, Reason, explain
from promontory.program.customers.rules.setting_apart import SettingApart
from promontory.tables.table import PROBLEM, RAW, ROW
from promontory.tables.values import texts

_SAMPLES = 60


class AskWho(Protocol):
    """What the owner of the database answers about who a row names."""

    def who(self, kind: str, values: Sequence[Any]) -> dict[Any, int]:
        """Blind index (of an identifier) or key (of an account) → id of the contact or account."""


@dataclass(slots=True)
class HoldRow:
    """One row: who, why, until when; or the reasons why it cannot be taken."""

    number: int
    said: dict[str, Any] = field(default_factory=dict)
    cells: Sequence[str | None] = ()
    reasons: list[Reason] = field(default_factory=list)
    is_blank: bool = False
    contact: int | None = None
    account: int | None = None


class HoldJudge:
    """Reads batch after batch under one mapping."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], *, now: datetime) -> None:
        self._columns = list(columns)
        self._now = now
        self._rule = mapping.dates
        read: dict[str, Callable[[str], Any]] = {
            "customer": partial(cells.text, role="customer"),
            "account": partial(cells.text, role="account"),
            "note": partial(cells.text, role="note"),
            "email": cells.email,
            "phone": partial(cells.phone, region=mapping.region),
            "reason": cells.hold_reason,
            "until": self._future,
        }
        place = {name: at for at, name in enumerate(self._columns)}
        self._fields = [
            (place[c.name], c.name, c.role, read[c.role]) for c in mapping.columns if c.role in read
        ]
        self._reason = mapping.named("reason") or ""

    def judge(self, batch: pa.RecordBatch) -> list[HoldRow]:
        """Return every row of the batch, read."""
        columns = [texts(batch.column(name)).to_pylist() for name in self._columns]
        technical = (batch.column(name).to_pylist() for name in (ROW, PROBLEM, RAW))
        return [
            self._row(number, problem, raw, said)
            for number, problem, raw, said in zip(
                *technical, zip(*columns, strict=True), strict=True
            )
        ]

    def _row(
        self, number: int, problem: str | None, raw: str | None, said: Sequence[str | None]
    ) -> HoldRow:
        if problem is not None and problem != "blank-row":
            shown = (raw or "")[:LONGEST_SHOWN]
            return HoldRow(number, cells=[raw], reasons=[Reason(problem, "", shown)])
        if problem is not None or not any(said):
            return HoldRow(number, is_blank=True)
        row = HoldRow(number, cells=said)
        for place, name, role, read in self._fields:
            cell = said[place]
            if cell is None:
                if role == "reason":
                    row.reasons.append(Reason("bad-reason", name, ""))
                continue
            try:
                row.said[role] = read(cell)
            except Fault as fault:
                row.reasons.append(Reason(fault.slug, name, fault.raw[:LONGEST_SHOWN]))
        if not row.reasons and not set(row.said) & {*IDENTIFIERS, "account"}:
            row.reasons.append(Reason("nobody"))
        return row

    def _future(self, cell: str) -> datetime:
        found = cells.moment(cell, self._rule)
        if ":" not in cell:
            # Until a day is until its end, as on the pages.
            found += timedelta(days=1, seconds=-1)
        if found <= self._now:
            raise Fault("past", cell)
        return found


def find_who(rows: Sequence[HoldRow], ask: AskWho, index_key: bytes) -> None:
    """Put the contact or account beside each row; an identifier outweighs the account."""
    for kind in (*reversed(IDENTIFIERS),):
        _find(rows, kind, ask, index_key)
    good = [row for row in rows if not row.reasons and not row.is_blank and row.contact is None]
    keys = {row.said["account"] for row in good if _names_account_only(row)}
    accounts = ask.who("account", sorted(keys))
    for row in good:
        if _names_account_only(row):
            row.account = accounts.get(row.said["account"])
        if row.account is None:
            row.reasons.append(Reason("unknown-who"))


def _names_account_only(row: HoldRow) -> bool:
    return "account" in row.said and not set(row.said) & set(IDENTIFIERS)


def _find(rows: Sequence[HoldRow], kind: str, ask: AskWho, index_key: bytes) -> None:
    indexes = {
        row.number: index
        for row in rows
        if not row.reasons
        and kind in row.said
        and (index := blind_index(kind, row.said[kind], index_key)) is not None
    }
    found = ask.who(kind, sorted(set(indexes.values())))
    for row in rows:
        who = found.get(indexes.get(row.number, b""))
        if who is None:
            continue
        if row.contact is not None and row.contact != who:
            said = f"contacts {min(who, row.contact)} and {max(who, row.contact)}"
            row.reasons.append(Reason("conflict", raw=said))
        row.contact = who


class HoldPreviewer:
    """Counts what a file of holds would do."""

    def __init__(self, index_key: bytes, ask: AskWho) -> None:
        self._key = index_key
        self._ask = ask
        self._counts: dict[str, int] = {}
        self._reasons: dict[str, int] = {}
        self._samples: list[dict[str, Any]] = []
        self.last_row = 0

    def add(self, rows: Sequence[HoldRow]) -> None:
        """Count a batch."""
        find_who(rows, self._ask, self._key)
        for row in rows:
            self.last_row = max(self.last_row, row.number)
            if row.is_blank:
                self._count("blank rows")
            elif row.reasons:
                self._count("set apart")
                for reason in row.reasons:
                    self._reasons[reason.slug] = self._reasons.get(reason.slug, 0) + 1
                    if len(self._samples) < _SAMPLES:
                        self._samples.append({"row": row.number, "says": explain(reason)})
            else:
                self._count("good")
                self._count("on accounts" if row.account is not None else "on contacts")

    def result(self) -> dict[str, Any]:
        """Return what was found."""
        return {
            "counts": self._counts,
            "reasons": dict(sorted(self._reasons.items(), key=lambda each: -each[1])),
            "samples": self._samples,
            "attributes": {},
            "last row": self.last_row,
        }

    def _count(self, what: str) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1


class HoldPacker:
    """Makes holds ready to be written; the same row of the same file is the same hold."""

    def __init__(self, plan: Plan, sha256: str, ask: AskWho, apart: SettingApart) -> None:
        self._plan = plan
        self._sha256 = sha256
        self._ask = ask
        self._apart = apart

    def pack(self, rows: Sequence[HoldRow], *, rows_a_slice: int) -> list[Slice]:
        """Return the batch as slices."""
        find_who(rows, self._ask, self._plan.index_key)
        return [
            self._slice(rows[start : start + rows_a_slice])
            for start in range(0, len(rows), rows_a_slice)
        ]

    def _slice(self, rows: Sequence[HoldRow]) -> Slice:
        made = Slice(last_row=rows[-1].number, size=len(rows))
        for row in rows:
            if row.is_blank:
                made.count("blank rows")
            elif row.reasons:
                made.count("set apart")
                self._apart.put(row.number, row.cells, row.reasons, into=made)
            else:
                made.holds.append(self._hold(row))
        return made

    def _hold(self, row: HoldRow) -> tuple[Any, ...]:
        at, by = text_of(self._plan.terms.at), self._plan.by
        until = row.said.get("until")
        ends_at = text_of(until) if until else None
        whom = f"c{row.contact}" if row.contact is not None else f"a{row.account}"
        same = f"{self._sha256}|{whom}|{row.said['reason']}|{ends_at}"
        key = hashlib.blake2b(same.encode(), digest_size=12, key=self._plan.index_key[:64])
        return (
            row.contact, row.account, row.said["reason"], "import", f"import:{key.hexdigest()}",
            row.said.get("note", ""), at, ends_at, at, by, "",
        )  # fmt: skip
