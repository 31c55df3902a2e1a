"""What every chart function returns: a picture's spec with the words and rows that say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from promontory.charts import words

Kind = Literal["text", "count", "score", "share"]
Value = str | float | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the rows behind a picture."""

    label: str
    kind: Kind = "text"
    digits: int = 1
    signed: bool = True

    @property
    def numeric(self) -> bool:
        return self.kind != "text"

    def text(self, value: Value) -> str:
        """Return a cell as people read it; nothing reads as a dash."""
        if value is None or value == "":
            return words.EM_DASH if self.numeric else ""
        if isinstance(value, str):
            return value
        if self.kind == "count":
            return words.count(value)
        if self.kind == "share":
            return words.percent(value, self.digits)
        return words.decimal(value, self.digits, signed=self.signed)


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    standing: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A key drawn in the picture and what it stands for."""

    key: str
    text: str


@dataclass(frozen=True)
class Chart:
    """A picture (wide and narrow), its title, its description in words, and the rows behind it."""

    kind: str
    title: str
    description: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    spec: dict[str, Any] = field(repr=False)
    narrow: dict[str, Any] = field(repr=False)
    notes: tuple[Note, ...] = ()
    standings: tuple[str, ...] = ()
    empty: bool = False

    @cached_property
    def ident(self) -> str:
        """A name for this picture on a page; the same content has the same name."""
        content = json.dumps([self.kind, self.title, self.spec], sort_keys=True)
        return f"chart-{hashlib.sha256(content.encode()).hexdigest()[:10]}"

    @property
    def table(self) -> Sequence[Row]:
        """The rows as people read them."""
        standings = self.standings or ("",) * len(self.rows)
        return [
            Row(
                tuple(
                    Cell(column.text(value), column.numeric)
                    for column, value in zip(self.columns, row, strict=True)
                ),
                standing,
            )
            for row, standing in zip(self.rows, standings, strict=True)
        ]

    @property
    def wide_svg(self) -> str:
        from promontory.charts import render

        return render.inline(self)

    @property
    def narrow_svg(self) -> str:
        from promontory.charts import render

        return render.inline(self, narrow=True)
