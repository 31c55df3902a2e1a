"""Which responses somebody wants to read: filters that live in the address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from promontory.program.customers.models import Dimension, DimensionValue
from promontory.program.responses.queries import GROUPS, Filters
from promontory.program.surveys.models import Survey

MOST_CHOICES = 100
MOST_SELECTS = 12
_COMMENT = {"yes": "with a comment", "no": "without a comment"}
_COUNTS = {"yes": "that count", "no": "that do not count"}


class SearchForm(forms.Form):
    """What narrows the list of responses; everything is optional."""

    q = forms.CharField(
        label="Words",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "data-search": ""}),
    )
    survey = forms.ModelChoiceField(
        label="Survey",
        queryset=Survey.objects.none(),
        to_field_name="key",
        required=False,
        empty_label="All surveys",
    )
    group = forms.ChoiceField(
        label="Group",
        choices=[("", "Everybody"), *((key, f"{key.capitalize()}s") for key in GROUPS)],
        required=False,
    )
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    comment = forms.ChoiceField(
        label="Comment",
        choices=[("", "With or without"), ("yes", "With a comment"), ("no", "Without")],
        required=False,
    )
    counts = forms.ChoiceField(
        label="Counting",
        choices=[("", "All"), ("yes", "Those that count"), ("no", "Those that do not")],
        required=False,
    )

    def __init__(self, data: Any, *, surveys: Any, zone: str) -> None:
        super().__init__(data)
        self._zone = ZoneInfo(zone)
        chosen = self.fields["survey"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = surveys
        self.fields["import"] = forms.IntegerField(
            required=False, min_value=1, widget=forms.HiddenInput
        )
        self._dimensions: dict[str, Dimension] = {}
        for dimension, values in _sliceable():
            name = f"a{dimension.pk}"
            self._dimensions[name] = dimension
            self.fields[name] = forms.TypedChoiceField(
                label=dimension.label,
                choices=[("", "Any"), *((value.code, value.label) for value in values)],
                coerce=int,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        since, until = said.get("since"), said.get("until")
        if since and until and since > until:
            self.add_error("until", "This day lies before the first one.")
        return said

    @property
    def first(self) -> list[forms.BoundField]:
        """The filters that are always there."""
        return [self[name] for name in ("q", "survey", "group", "since", "until")]

    @property
    def more(self) -> list[forms.BoundField]:
        """The filters that are folded away until they are wanted."""
        return [self[name] for name in ("comment", "counts", *self._dimensions)]

    @property
    def more_is_open(self) -> bool:
        return any(self.data.get(field.name) for field in self.more)

    def filters(self) -> Filters:
        """Return what was asked, as the query takes it; what could not be read does not narrow."""
        said = self.cleaned_data
        comment, counts = said.get("comment"), said.get("counts")
        since, until = said.get("since"), said.get("until")
        return Filters(
            survey=said["survey"].pk if said.get("survey") else None,
            since=self._start(since) if since else None,
            until=self._start(until + timedelta(days=1)) if until else None,
            group=said.get("group", ""),
            attributes={
                dimension.pk: said[name]
                for name, dimension in self._dimensions.items()
                if said.get(name)
            },
            words=said.get("q", ""),
            has_comment=comment == "yes" if comment else None,
            source=said.get("import"),
            excluded=counts == "no" if counts else None,
        )

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone)

    def chips(self) -> list[tuple[str, str]]:
        """Return (field, words) of every filter that narrows the list."""
        said, found = self.cleaned_data, []
        if said.get("q"):
            found.append(("q", f"“{said['q']}”"))
        if said.get("survey"):
            found.append(("survey", str(said["survey"])))
        if said.get("group"):
            found.append(("group", f"{said['group']}s"))
        if said.get("since"):
            found.append(("since", f"from {said['since']:%-d %b %Y}"))
        if said.get("until"):
            found.append(("until", f"to {said['until']:%-d %b %Y}"))
        if said.get("comment"):
            found.append(("comment", _COMMENT[said["comment"]]))
        if said.get("counts"):
            found.append(("counts", _COUNTS[said["counts"]]))
        if said.get("import"):
            found.append(("import", f"from import {said['import']}"))
        for name, dimension in self._dimensions.items():
            if said.get(name):
                labels = dict(self.fields[name].choices)  # type: ignore[attr-defined]
                found.append((name, f"{dimension.label}: {labels[said[name]]}"))
        return found


def _sliceable() -> list[tuple[Dimension, list[DimensionValue]]]:
    """Return the dimensions that have few enough values to choose from, declared ones first."""
    found = []
    for dimension in Dimension.objects.order_by("-is_declared", "id")[: 4 * MOST_SELECTS]:
        values = list(dimension.values.order_by("label")[: MOST_CHOICES + 1])
        if 0 < len(values) <= MOST_CHOICES:
            found.append((dimension, values))
        if len(found) == MOST_SELECTS:
            break
    return found
