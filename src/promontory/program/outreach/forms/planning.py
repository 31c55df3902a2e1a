"""What people may type about a plan, a policy, an exception, a link."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms

from promontory.errors import BadInput
from promontory.program.customers import queries as customers
from promontory.program.customers.models import DimensionValue
from promontory.program.outreach.actions import NewPlan
from promontory.program.outreach.actions.links import KINDS
from promontory.program.outreach.codes import AUTO
from promontory.program.outreach.rules.drawing import ALLOCATIONS
from promontory.program.surveys.codes import CHANNEL_LABELS
from promontory.program.surveys.models import Survey

MOST_VALUES = 300
CHANNELS = [
    (AUTO, "As decided for each segment, else by:"),
    *((key, CHANNEL_LABELS[key]) for key in ("email", "sms", "ivr", "letter")),
]
HOW_MANY = [
    ("size", "A number of people"),
    ("precision", "As many as a precision needs"),
    ("census", "Everybody who may be asked"),
]


class PlanForm(forms.Form):
    """A sampling plan to be, and the wave that is drawn under it."""

    survey = forms.ModelChoiceField(label="Survey", queryset=Survey.objects.none())
    name = forms.CharField(label="Name", max_length=200, help_text="For example: Autumn 2026.")
    channels = forms.MultipleChoiceField(
        label="By which channels?",
        choices=CHANNELS,
        widget=forms.CheckboxSelectMultiple,
        initial=["email"],
        help_text="The first that reaches a customer is used, in this order.",
    )
    only = forms.MultipleChoiceField(
        label="Only customers with",
        required=False,
        help_text="Nothing chosen: all customers. Several values of one attribute: any of them.",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    how_many = forms.ChoiceField(
        label="How many are asked?", choices=HOW_MANY, widget=forms.RadioSelect, initial="size"
    )
    size = forms.IntegerField(label="People to invite", min_value=1, required=False)
    half_width = forms.FloatField(
        label="Wanted precision, in points either way",
        min_value=0.1,
        required=False,
        help_text="5 means: the score is known to about 5 points either way.",
    )
    expected_rate = forms.FloatField(
        label="Expected response rate, in percent",
        min_value=0.1,
        max_value=100,
        required=False,
        help_text="Empty: that of this survey's earlier waves.",
    )
    strata = forms.MultipleChoiceField(
        label="Drawn apart by",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Each combination becomes a stratum with a known chance to be drawn.",
    )
    allocation = forms.ChoiceField(
        label="Divided among them", choices=list(ALLOCATIONS.items()), initial="proportional"
    )
    minimum = forms.IntegerField(label="At least from each", min_value=0, initial=0)
    reminders = forms.CharField(
        label="Reminders after days",
        required=False,
        max_length=40,
        help_text="For example: 3, 7. They count in the caps. Empty: none.",
    )
    open_days = forms.IntegerField(label="Open for days", min_value=1, max_value=365, initial=30)
    is_test = forms.BooleanField(
        label="A test: whatever it produces is marked and never counts", required=False
    )

    def __init__(self, *args: Any, surveys: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survey"].queryset = surveys.filter(closed_at=None)  # type: ignore[attr-defined]
        dimensions = list(customers.dimensions())
        values: dict[int, list[DimensionValue]] = defaultdict(list)
        found = DimensionValue.objects.filter(dimension__in=dimensions).order_by("dimension", "pk")
        for value in found[:MOST_VALUES]:
            values[value.dimension_id].append(value)
        self.fields["only"].choices = [  # type: ignore[attr-defined]
            (d.label, [(f"{d.key}={v.label}", v.label) for v in values[d.pk]])
            for d in dimensions
            if values[d.pk]
        ]
        self.fields["strata"].choices = [  # type: ignore[attr-defined]
            (d.key, d.label) for d in dimensions
        ]

    def clean_reminders(self) -> list[int]:
        typed = self.cleaned_data["reminders"].replace(",", " ").split()
        if any(not word.isdecimal() for word in typed):
            raise forms.ValidationError("Write days as numbers, such as: 3, 7.")
        return [int(word) for word in typed]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = {"size": "size", "precision": "half_width"}.get(given.get("how_many", ""))
        if needed and given.get(needed) is None and needed not in self.errors:
            self.add_error(needed, "This is needed for that choice.")
        return given

    def plan(self) -> NewPlan:
        """Return the plan that was typed."""
        given = self.cleaned_data
        frame: dict[str, list[str]] = defaultdict(list)
        for chosen in given["only"]:
            key, _, label = chosen.partition("=")
            frame[key].append(label)
        rate = given["expected_rate"]
        how = given["how_many"]
        return NewPlan(
            name=given["name"],
            channels=given["channels"],
            frame=frame,
            strata=given["strata"],
            allocation=given["allocation"],
            is_census=how == "census",
            size=given["size"] if how == "size" else None,
            half_width=given["half_width"] if how == "precision" else None,
            minimum_per_stratum=given["minimum"],
            expected_rate=None if rate is None else rate / 100,
            reminder_days=given["reminders"],
            open_days=given["open_days"],
        )

    def refuse(self, refusal: BadInput) -> None:
        """Show a refusal at the field it is about."""
        names = {"minimum_per_stratum": "minimum", "reminder_days": "reminders", "frame": "only"}
        name = names.get(refusal.place.field, refusal.place.field)
        words = f"{refusal.message} {refusal.remedy}".strip()
        self.add_error(name if name in self.fields else None, words)


class PolicyForm(forms.Form):
    """The contact policy; an empty number is no such rule."""

    rest_invited = forms.IntegerField(label="Days after an invitation", required=False, min_value=0)
    rest_shown = forms.IntegerField(
        label="Days after a question was shown", required=False, min_value=0
    )
    rest_answered = forms.IntegerField(label="Days after an answer", required=False, min_value=0)
    rest_dismissed = forms.IntegerField(
        label="Days after a question was dismissed", required=False, min_value=0
    )
    cap_person = forms.IntegerField(
        label="A person is asked at most so often", required=False, min_value=0
    )
    cap_person_days = forms.IntegerField(label="… within days", min_value=1)
    cap_account = forms.IntegerField(
        label="An account is asked at most so often", required=False, min_value=0
    )
    cap_account_days = forms.IntegerField(label="… within days", min_value=1)
    cap_household = forms.IntegerField(
        label="A household is asked at most so often", required=False, min_value=0
    )
    cap_household_days = forms.IntegerField(label="… within days", min_value=1)
    needs_basis = forms.BooleanField(
        label="Ask only customers with a lawful basis on record", required=False
    )
    priority_days = forms.IntegerField(
        label="Leave customers to a survey of higher priority, days ahead",
        min_value=0,
        help_text="Whom it is about to ask within so many days is left to it.",
    )
    quiet_from = forms.TimeField(
        label="Quiet from", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="Quiet until",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="By each customer's own clock. Reminders count in every cap.",
    )


RULES = [
    (name, field.label)
    for name, field in PolicyForm.base_fields.items()
    if name.startswith(("rest_", "cap_")) and not name.endswith("_days")
]


class ExceptionForm(forms.Form):
    """A rule that does not hold for a survey."""

    survey = forms.ModelChoiceField(label="Survey", queryset=Survey.objects.none())
    rule = forms.ChoiceField(label="Rule", choices=RULES)
    value = forms.IntegerField(
        label="Instead", required=False, min_value=0, help_text="Empty: the rule does not hold."
    )
    reason = forms.CharField(label="Reason", max_length=300)
    until = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: until somebody ends it.",
    )

    def __init__(self, *args: Any, surveys: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survey"].queryset = surveys  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """A link, printed code or kiosk to be."""

    survey = forms.ModelChoiceField(label="Survey", queryset=Survey.objects.none())
    name = forms.CharField(label="Name", max_length=200, help_text="For example: Till 4, Berlin.")
    kind = forms.ChoiceField(label="What is it?", choices=list(KINDS.items()), initial="qr")
    attribute = forms.CharField(
        label="Attribute of every answer",
        required=False,
        max_length=300,
        help_text="For example: branch=Berlin. Empty: none.",
    )

    def __init__(self, *args: Any, surveys: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survey"].queryset = surveys.filter(closed_at=None)  # type: ignore[attr-defined]

    def clean_attribute(self) -> dict[str, str]:
        name, sign, value = self.cleaned_data["attribute"].partition("=")
        if not name.strip() and not sign:
            return {}
        if not name.strip() or not value.strip():
            raise forms.ValidationError("Write it as name=value, such as branch=Berlin.")
        return {name.strip()[:64]: value.strip()}
