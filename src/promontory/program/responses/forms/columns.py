"""What a person says about the columns of a file: roles, scales, clocks, orders, days."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms

from promontory.errors import BadInput
from promontory.program.responses.forms.choices import (
    ABOUT,
    ASKED,
    FOLDS,
    NUMBERS,
    ORDERS,
    PARTIAL_WORDS,
    RAW_SCALES,
    SCORES,
    SLICES,
    WHO,
)
from promontory.program.responses.rules.mapping import SCALES
from promontory.tables.values import Scale


@dataclass(frozen=True, slots=True)
class Line:
    """One column as the page shows it: what the file says, why, and the field to decide it."""

    name: str
    samples: list[str]
    why: str
    filled: int
    sampled: int
    field: forms.BoundField


class ColumnsForm(forms.Form):
    """The declaration of a file; its fields follow the file's columns and open questions.

    After `is_valid()`, `mapping()` is what the action takes. A refusal from below is put where it
    belongs by `refuse()`.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        proposal: AnyMapping[str, Any],
        start: AnyMapping[str, Any],
        is_settled: bool = False,
        surveys: Any,
        survey: int | None,
        own_zone: str,
    ) -> None:
        super().__init__(data)
        self.proposal, self._start = proposal, start
        self._is_settled = is_settled
        self._columns: list[dict[str, Any]] = list(proposal["columns"])
        self._declared = {column["name"]: column for column in start["columns"]}
        self._questions = list(proposal["questions"])
        self._asks_scale = {q["column"]: q for q in self._questions if q["slug"] == "scale"}
        self.fields["survey"] = forms.ModelChoiceField(
            label="Survey", queryset=surveys, initial=survey, empty_label="Choose a survey …"
        )
        for number, question in enumerate(self._questions):
            self._ask(number, question)
        for number, column in enumerate(self._columns):
            self._add_column(number, column)
        self._add_clock(own_zone)
        self.fields["partial"] = forms.ChoiceField(
            label="Rows in which nothing was answered",
            choices=list(PARTIAL_WORDS.items()),
            widget=forms.RadioSelect,
            initial=start.get("partial") or "commented",
        )

    def _ask(self, number: int, question: AnyMapping[str, Any]) -> None:
        """Add the field of a question that has one of its own; others are fields of the file."""
        slug, name = question["slug"], f"question_{number}"
        if slug == "scale":
            said = self._declared.get(question["column"], {})
            scales = dict.fromkeys(_plain(choice) for choice in question["choices"])
            self.fields[name] = forms.ChoiceField(
                label=f"“{question['column']}”: {question['text']}",
                choices=[(scale, self._scale_words(question["column"], scale)) for scale in scales],
                widget=forms.RadioSelect,
                initial=said.get("scale") if self._is_settled else None,
                required=False,
                help_text="If it was yet another scale, say so at the column below.",
            )
        elif slug.startswith("which-"):
            role = slug.removeprefix("which-")
            now = next((c["name"] for c in self._start["columns"] if _is(c, role)), "")
            self.fields[name] = forms.ChoiceField(
                label=question["text"],
                choices=[("", "Choose a column …"), *((c, c) for c in question["choices"])],
                initial=now,
                required=False,
            )

    def _scale_words(self, column: str, scale: str) -> str:
        metric = self._metric_asked(column)
        shown = scale.replace("-", "–")
        if metric and Scale.parse(scale) == SCALES[metric]:
            return f"{shown}: it counts for the score; nobody happened to answer {scale[0]}"
        return f"{shown}: kept as it is, outside the score; an answer is never rescaled"

    def _metric_asked(self, column: str) -> str:
        return next((c.get("metric", "") for c in self._columns if c["name"] == column), "")

    def _add_column(self, number: int, column: AnyMapping[str, Any]) -> None:
        name, said = column["name"], self._declared.get(column["name"], {})
        own = said.get("scale")
        raws = dict.fromkeys((own, *RAW_SCALES) if own else RAW_SCALES)
        groups: list[tuple[str, Any]] = [("ignore", "Left out")]
        if name in self._asks_scale:
            groups.append((ASKED, "Answer, scale as said above"))
        groups += [
            ("Answer that feeds a score", [(f"answer:{k}", v) for k, v in SCORES.items()]),
            (
                "Answer kept as it is, outside the score",
                [(f"raw:{s}", f"Answer on {s.replace('-', '–')}") for s in raws if s],
            ),
            ("About the answer", list(ABOUT.items())),
            ("Who answered", list(WHO.items())),
            ("To slice by", list(SLICES.items())),
        ]
        self.fields[f"column_{number}"] = forms.ChoiceField(
            label=f"What is “{name}”?", choices=groups, initial=self._initial(name, said)
        )

    def _initial(self, name: str, said: AnyMapping[str, Any]) -> str:
        role = str(said.get("role", "ignore"))
        if role == "answer":
            metric = said.get("metric")
            if name in self._asks_scale and self._is_asked(name, said):
                return ASKED
            return f"answer:{metric}" if metric else f"raw:{said.get('scale')}"
        if role == "attribute":
            return "declared" if said.get("declared") else "attribute"
        return role

    def _is_asked(self, name: str, said: AnyMapping[str, Any]) -> bool:
        """Whether the question about the scale decides, not a choice made at the column."""
        if not self._is_settled:
            return True
        choices = {_plain(choice) for choice in self._asks_scale[name]["choices"]}
        metric = said.get("metric")
        return said.get("scale") in choices and metric in ("", None, self._metric_asked(name))

    def _add_clock(self, own_zone: str) -> None:
        asked = {question["slug"]: question["text"] for question in self._questions}
        near = dict.fromkeys((own_zone, "UTC"))
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
        self.fields["zone"] = forms.ChoiceField(
            label=asked.get("zone", "Which clock were times without an offset read from?"),
            choices=[
                ("", "Choose a time zone …" if "zone" in asked else "Every time has its offset"),
                ("Near", [(zone, zone.replace("_", " ")) for zone in near]),
                ("All", zones),
            ],
            initial=self._start.get("zone") or "",
            required=False,
        )
        self.fields["order"] = forms.ChoiceField(
            label=asked.get("order", "In which order are dates written?"),
            choices=[
                ("", "Choose …" if "order" in asked else "As the dates themselves show"),
                *ORDERS.items(),
            ],
            initial=self._start.get("order") or "",
            required=False,
        )
        self.fields["numbers"] = forms.ChoiceField(
            label=asked.get("numbers", "What do bare numbers in the date column count?"),
            choices=[
                ("", "Choose …" if "numbers" in asked else "There are none"),
                *NUMBERS.items(),
            ],
            initial=self._start.get("numbers") or "",
            required=False,
        )
        self.fields["fold"] = forms.ChoiceField(
            label="Times in the hour that happens twice when clocks are put back",
            choices=list(FOLDS.items()),
            initial=self._start.get("fold") or "ask",
        )
        self.fields["day"] = forms.DateField(
            label=asked.get("day", "One day for all answers, when no column says it"),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            initial=self._start.get("fixed_day"),
            required=False,
        )

    # ---- as the page shows it

    @property
    def questions(self) -> list[forms.BoundField]:
        """The fields of what only a person can answer, in the order asked."""
        found = []
        for number, question in enumerate(self._questions):
            own = f"question_{number}"
            name = own if own in self.fields else question["slug"]
            if name in self.fields and self[name] not in found:
                found.append(self[name])
        return found

    @property
    def clock(self) -> list[forms.BoundField]:
        """The fields on dates and times that nobody had to be asked."""
        asked = {field.name for field in self.questions}
        names = ("zone", "order", "numbers", "fold", "day")
        return [self[name] for name in names if name not in asked]

    @property
    def lines(self) -> list[Line]:
        """One line for each column of the file."""
        return [
            Line(
                name=column["name"],
                samples=column["samples"][:4],
                why=column["why"],
                filled=column["filled"],
                sampled=column["sampled"],
                field=self[f"column_{number}"],
            )
            for number, column in enumerate(self._columns)
        ]

    # ---- what was said

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self._take_answers_to_which(said)
        roles = [said.get(f"column_{number}", "") for number in range(len(self._columns))]
        for number, question in enumerate(self._questions):
            if question["slug"] == "scale" and not said.get(f"question_{number}"):
                column = self._number(question["column"])
                if roles[column] == ASKED:
                    self.add_error(f"question_{number}", "Say which scale was asked.")
        if "at" not in roles and not said.get("day") and "day" not in self.errors:
            self.add_error("day", "Say the day, or which column holds the date of the answer.")
        if "at" in roles:
            at = self._columns[roles.index("at")]["name"]
            asked = {(q["slug"], q["column"]) for q in self._questions}
            for slug, words in (
                ("zone", "Choose the time zone."),
                ("order", "Say whether the day or the month comes first."),
                ("numbers", "Say what the numbers count."),
            ):
                if (slug, at) in asked and not said.get(slug):
                    self.add_error(slug, words)
        if not any(role == ASKED or role.startswith(("answer:", "raw:")) for role in roles):
            self.add_error(None, "No column is an answer. Say which column holds the score.")
        return said

    def _take_answers_to_which(self, said: dict[str, Any]) -> None:
        for number, question in enumerate(self._questions):
            name = f"question_{number}"
            if not question["slug"].startswith("which-") or name not in self.fields:
                continue
            role = {"score": "answer:nps"}.get(
                question["slug"].removeprefix("which-"), question["slug"].removeprefix("which-")
            )
            chosen = said.get(name, "")
            if chosen and chosen != self.fields[name].initial:
                for other in range(len(self._columns)):
                    if said.get(f"column_{other}") in (role, ASKED if role == "answer:nps" else ""):
                        said[f"column_{other}"] = "ignore"
                said[f"column_{self._number(chosen)}"] = role

    def _number(self, column: str) -> int:
        return next(n for n, each in enumerate(self._columns) if each["name"] == column)

    def mapping(self) -> dict[str, Any]:
        """Return what was said, as the action takes it."""
        said = self.cleaned_data
        scales = {
            question["column"]: said.get(f"question_{number}", "")
            for number, question in enumerate(self._questions)
            if question["slug"] == "scale"
        }
        columns = []
        for number, column in enumerate(self._columns):
            columns.append(self._said(column, said[f"column_{number}"], scales))
        day = said.get("day")
        return {
            "columns": columns,
            "zone": said["zone"] or None,
            "order": said["order"] or None,
            "numbers": said["numbers"] or None,
            "fold": said["fold"],
            "fixed_day": day.isoformat() if day and not _has(columns, "at") else None,
            "partial": said["partial"],
            "sheet": self._start.get("sheet") or "",
        }

    def _said(
        self, column: AnyMapping[str, Any], choice: str, scales: AnyMapping[str, str]
    ) -> dict[str, Any]:
        name = column["name"]
        plain: dict[str, Any] = {"name": name}
        if choice == ASKED:
            asked, metric = scales[name], self._metric_asked(name)
            feeds = bool(metric) and Scale.parse(asked) == SCALES[metric]
            choice = f"answer:{metric}" if feeds else f"raw:{asked}"
        kind, _, detail = choice.partition(":")
        if kind == "answer":
            scale = SCALES[detail]
            question = "recommend" if detail == "nps" else column.get("question", "")
            return plain | {
                "role": "answer",
                "metric": detail,
                "scale": f"{scale.low}-{scale.high}",
                "question": question,
            }
        if kind == "raw":
            return plain | {"role": "answer", "metric": "", "scale": detail}
        if choice in SLICES:
            return plain | {
                "role": "attribute",
                "dimension": column.get("dimension", ""),
                "label": column.get("label", name[:100]),
                "declared": choice == "declared",
            }
        return plain | {"role": choice}

    def refuse(self, refusal: BadInput) -> None:
        """Show a refusal at the column it is about, or above the form."""
        words = f"{refusal.message} {refusal.remedy}".strip()
        name = next((c["name"] for c in self._columns if c["name"] == refusal.place.field), None)
        self.add_error(f"column_{self._number(name)}" if name else None, words)


def _plain(scale: str) -> str:
    read = Scale.parse(scale)
    return f"{read.low}-{read.high}"


def _is(column: AnyMapping[str, Any], role: str) -> bool:
    if role == "score":
        return bool(column["role"] == "answer" and column.get("metric") == "nps")
    return bool(column["role"] == role)


def _has(columns: list[dict[str, Any]], role: str) -> bool:
    return any(column["role"] == role for column in columns)
