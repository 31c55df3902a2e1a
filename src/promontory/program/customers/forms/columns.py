"""A file of customers: its upload, and what a person says about its columns."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms

from promontory.program.customers import codes
from promontory.program.customers.rules.mapping import (
    CONSENT_ROLES,
    CONTACT_ROLES,
    HOLD_ROLES,
    IDENTIFIER_ROLES,
    SLICE_ROLES,
)

_ORDERS = {
    "": "As they show by themselves",
    "dmy": "Day first: 31/03/2026",
    "mdy": "Month first: 03/31/2026",
    "ymd": "Year first: 2026/03/31",
}


class UploadForm(forms.Form):
    """The file, and whether it names customers or holds."""

    kind = forms.ChoiceField(
        label="What does it hold?",
        choices=[
            ("contacts", "Contacts — whom we serve, with what they said of being asked"),
            ("holds", "Holds — who must not be asked, why and until when"),
        ],
        widget=forms.RadioSelect,
        initial="contacts",
    )
    file = forms.FileField(
        label="The file",
        help_text="CSV, Excel (XLSX), Parquet or JSON Lines, one row a person, of any size. "
        "Nothing is stored before you have seen every row judged.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Choose the file with the customers.",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.parquet,.jsonl"}),
    )


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
    """The declaration of a file; its fields follow the file's columns."""

    def __init__(
        self,
        data: Any = None,
        *,
        kind: str,
        proposal: AnyMapping[str, Any],
        start: AnyMapping[str, Any],
        own_zone: str,
    ) -> None:
        super().__init__(data)
        self._kind, self._start = kind, start
        self._columns: list[dict[str, Any]] = list(proposal["columns"])
        said = {column["name"]: column["role"] for column in start["columns"]}
        for number, column in enumerate(self._columns):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=f"What is “{column['name']}”?",
                choices=_choices(kind),
                initial=said.get(column["name"], "ignore"),
            )
        self._add_reading(own_zone)
        if kind == "contacts":
            self._add_consent()

    def _add_reading(self, own_zone: str) -> None:
        self.fields["region"] = forms.CharField(
            label="Country of telephone numbers without a country code",
            max_length=2,
            required=False,
            initial=self._start.get("region", ""),
            help_text="Two letters, as DE or US. Left empty, such numbers are set apart.",
        )
        self.fields["zone"] = forms.ChoiceField(
            label="Dates are by the clock of",
            choices=[(name, name) for name in sorted(available_timezones())],
            initial=self._start.get("zone") or own_zone,
        )
        self.fields["order"] = forms.ChoiceField(
            label="Dates are written",
            choices=list(_ORDERS.items()),
            required=False,
            initial=self._start.get("order") or "",
        )

    def _add_consent(self) -> None:
        self.fields["basis"] = forms.ChoiceField(
            label="On what lawful basis may these people be asked?",
            choices=[("", "The file says it, or it is not known"), *codes.BASES.items()],
            required=False,
            initial=self._start.get("basis", ""),
            help_text="For those of whom neither the file nor we say one.",
        )
        self.fields["reopens"] = forms.BooleanField(
            label="A dated consent in this file may open what the same person refused before it",
            required=False,
            initial=self._start.get("reopens", False),
            help_text="Without this, whoever has opted out stays out whatever the file says. "
            "Who marked our mail as spam stays out in any case.",
        )

    @property
    def lines(self) -> list[Line]:
        """The columns as the page shows them."""
        return [
            Line(
                column["name"],
                column["samples"],
                column["why"],
                column["filled"],
                column["sampled"],
                self[f"column_{number}"],
            )
            for number, column in enumerate(self._columns)
        ]

    @property
    def reading(self) -> list[forms.BoundField]:
        return [self[name] for name in ("region", "zone", "order")]

    @property
    def consent(self) -> list[forms.BoundField]:
        return [self[name] for name in ("basis", "reopens") if name in self.fields]

    def mapping(self) -> dict[str, Any]:
        """Return what was said, for the action."""
        said = self.cleaned_data
        return {
            "kind": self._kind,
            "columns": [
                {
                    "name": column["name"],
                    "role": said[f"column_{number}"],
                    "dimension": column["dimension"],
                    "label": column["label"],
                }
                for number, column in enumerate(self._columns)
            ],
            "sheet": self._start.get("sheet", ""),
            **{name: said.get(name) for name in ("region", "zone", "order", "basis", "reopens")},
        }


def _choices(kind: str) -> list[tuple[str, Any]]:
    left_out = ("ignore", "Left out")
    if kind == "holds":
        return [
            left_out,
            ("Whom it holds back", list(IDENTIFIER_ROLES.items())),
            ("The hold", list(HOLD_ROLES.items())),
        ]
    return [
        left_out,
        ("Who it is", list(IDENTIFIER_ROLES.items())),
        ("About them", list(CONTACT_ROLES.items())),
        ("What they said of being asked", list(CONSENT_ROLES.items())),
        ("To slice by", list(SLICE_ROLES.items())),
    ]
