"""What a person says the columns of a file are; checked before a single row is judged."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, get_args

from promontory.errors import BadInput, Place
from promontory.program.surveys.codes import METRIC_CODES
from promontory.tables.values import InstantRule, Scale
from promontory.tables.values.instants import Fold, Numbers, Order

RAW_METRIC = 0
"""The code of an answer on a scale that feeds no metric: kept raw, never rescaled."""

SCALES = {"nps": Scale(0, 10), "csat": Scale(1, 5), "ces": Scale(1, 7), "yes_no": Scale(0, 1)}
"""The scale an answer must be on to feed its metric."""

SINGLE_ROLES = {
    "id": "the answer's number in the system it comes from",
    "at": "when it was answered",
    "email": "e-mail of the person",
    "customer": "customer number of the person",
    "phone": "telephone of the person",
    "name": "name of the person",
    "account": "the customer organisation",
    "comment": "what the customer wrote",
    "language": "the language of the answer",
    "channel": "the channel of the answer",
    "unit": "the unit of the organisation",
    "weight": "the base weight",
}
PERSON_ROLES = ("email", "customer", "phone", "name")
ROLES = ("answer", *SINGLE_ROLES, "attribute", "ignore")
PARTIAL = {
    "commented": "rows without any answer are kept if there is a comment",
    "answered": "rows without any answer are set apart, comment or not",
    "all": "rows without any answer are kept",
}


_ZERO_TO_TEN = Scale(0, 10)


@dataclass(frozen=True, slots=True)
class Column:
    """What one column is: its role, and for answers and attributes the details."""

    name: str
    role: str
    metric: str = ""
    scale: Scale = _ZERO_TO_TEN
    question: str = ""
    dimension: str = ""
    label: str = ""
    declared: bool = False
    is_scale_said: bool = True

    @property
    def code(self) -> int:
        """The metric's code in ledger and warehouse."""
        return METRIC_CODES[self.metric] if self.metric else RAW_METRIC


@dataclass(frozen=True, slots=True)
class Mapping:
    """The whole declaration: columns, how times are written, what is done with partial rows."""

    columns: tuple[Column, ...]
    instants: InstantRule = field(default_factory=InstantRule)
    fixed_day: date | None = None
    partial: str = "commented"
    sheet: str = ""

    @property
    def answers(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role == "answer")

    @property
    def attributes(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.role == "attribute")

    def named(self, role: str) -> str | None:
        """Return the name of the column with this role, if there is one."""
        return next((column.name for column in self.columns if column.role == role), None)

    def with_attributes(self, declared: AnyMapping[str, bool]) -> Mapping:
        """Return the mapping with these attribute columns only, declared or not as said here."""
        columns = tuple(
            replace(column, declared=declared[column.name])
            if column.role == "attribute"
            else column
            for column in self.columns
            if column.role != "attribute" or column.name in declared
        )
        return replace(self, columns=columns)

    def check(self, present: Collection[str]) -> None:
        """Refuse a declaration that does not fit these columns or says a thing twice."""
        names = [column.name for column in self.columns]
        for name in names:
            if name not in present:
                raise BadInput(
                    f"The file has no column “{name}”.",
                    remedy=f"It has {', '.join(present)}.",
                    place=Place(field=name),
                )
            if names.count(name) > 1:
                raise BadInput(f"The column “{name}” is declared twice.", place=Place(field=name))
        self._check_answers()
        for role in SINGLE_ROLES:
            chosen = [column.name for column in self.columns if column.role == role]
            if len(chosen) > 1:
                raise BadInput(
                    f"Two columns say {SINGLE_ROLES[role]}: {', '.join(chosen)}.",
                    remedy="Choose one; take the others as attributes or leave them out.",
                )
        if self.named("at") is None and self.fixed_day is None:
            raise BadInput(
                "No column says when it was answered.",
                remedy="Choose the date column, or declare one day for the whole file.",
            )
        dimensions = [column.dimension for column in self.attributes]
        for dimension in dimensions:
            if dimensions.count(dimension) > 1:
                raise BadInput(f"Two columns are to be the attribute “{dimension}”.")

    def _check_answers(self) -> None:
        if not self.answers:
            raise BadInput(
                "No column is an answer.", remedy="Say which column holds the score, 0–10."
            )
        metrics = [column.metric for column in self.answers if column.metric]
        for column in self.answers:
            if not column.metric:
                continue
            if metrics.count(column.metric) > 1:
                raise BadInput(f"Two columns are answers of the metric “{column.metric}”.")
            if column.scale != SCALES[column.metric]:
                raise BadInput(
                    f"The metric “{column.metric}” is answered on {SCALES[column.metric]}, "
                    f"not on {column.scale}.",
                    remedy="Keep this column raw, outside the score (metric none); "
                    "an answer is never rescaled.",
                    place=Place(field=column.name),
                )

    def to_json(self) -> dict[str, Any]:
        """Return the declaration as plain JSON values."""
        rule = self.instants
        return {
            "columns": [_column_to_json(column) for column in self.columns],
            "zone": rule.zone,
            "order": rule.order,
            "numbers": rule.numbers,
            "fold": rule.fold,
            "fixed_day": self.fixed_day.isoformat() if self.fixed_day else None,
            "partial": self.partial,
            "sheet": self.sheet,
        }

    @classmethod
    def from_json(cls, given: AnyMapping[str, Any]) -> Mapping:
        """Read what `to_json` wrote, or a form or a program sent; refuse what is unknown."""
        partial = given.get("partial") or "commented"
        if partial not in PARTIAL:
            raise BadInput(f"“{partial}” is no way with partial rows: {', '.join(PARTIAL)}.")
        day = given.get("fixed_day")
        try:
            fixed_day = date.fromisoformat(day) if day else None
        except (ValueError, TypeError):
            raise BadInput(f"“{day}” is not a day.", remedy="Write it as 2026-03-31.") from None
        return cls(
            columns=tuple(_column_from_json(column) for column in given.get("columns", ())),
            instants=InstantRule(
                zone=given.get("zone") or None,
                order=_one_of(given.get("order"), get_args(Order), "order of a date"),
                numbers=_one_of(given.get("numbers"), get_args(Numbers), "meaning of numbers"),
                fold=_one_of(given.get("fold"), get_args(Fold), "choice of hour") or "ask",
            ),
            fixed_day=fixed_day,
            partial=partial,
            sheet=str(given.get("sheet") or ""),
        )


def _one_of(value: Any, known: tuple[Any, ...], noun: str) -> Any:
    if value in (None, ""):
        return None
    if value not in known:
        raise BadInput(f"“{value}” is no {noun}.", remedy=f"Known: {', '.join(known)}.")
    return value


def _column_to_json(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {"name": column.name, "role": column.role}
    if column.role == "answer":
        said |= {"metric": column.metric, "scale": f"{column.scale.low}-{column.scale.high}"}
        said |= {"question": column.question}
    if column.role == "attribute":
        said |= {"dimension": column.dimension, "label": column.label, "declared": column.declared}
    return said


def _column_from_json(given: AnyMapping[str, Any]) -> Column:
    name, role = str(given.get("name", "")), str(given.get("role", ""))
    if role not in ROLES:
        raise BadInput(
            f"“{role}” is not something a column can be.",
            remedy=f"Known: {', '.join(ROLES)}.",
            place=Place(field=name),
        )
    metric = str(given.get("metric") or "")
    if metric and metric not in METRIC_CODES:
        raise BadInput(
            f"There is no metric “{metric}”.", remedy=f"Known: {', '.join(METRIC_CODES)}."
        )
    try:
        scale = Scale.parse(given["scale"]) if given.get("scale") else SCALES.get(metric, Scale())
    except ValueError as error:
        raise BadInput(str(error), place=Place(field=name)) from None
    if role == "answer" and not 0 <= scale.low < scale.high <= 1_000:
        raise BadInput(f"The scale {scale} cannot be kept.", remedy="Answers lie in 0–1000.")
    return Column(
        name=name,
        role=role,
        metric=metric,
        scale=scale,
        question=str(given.get("question") or ""),
        dimension=str(given.get("dimension") or "") or slug(name),
        label=str(given.get("label") or "") or name[:100],
        declared=bool(given.get("declared", False)),
        is_scale_said=bool(given.get("scale")),
    )


def slug(text: str) -> str:
    """Return the text as a key: lower case, digits and hyphens, at most 64 characters."""
    from promontory.tables.values.missing import folded

    kept = "".join(ch if ch.isalnum() and ch.isascii() else "-" for ch in folded(text))
    return "-".join(part for part in kept.split("-") if part)[:64] or "attribute"
