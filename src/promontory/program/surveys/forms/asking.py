"""When a survey is asked, and who owns it."""

from __future__ import annotations

from typing import Any

from django import forms

from promontory.program.organization.models import User
from promontory.program.surveys.models import Survey, Touchpoint

CADENCES = [(30, "30 days"), (60, "60 days"), (90, "90 days"), (180, "180 days"), (365, "365 days")]


class AskingForm(forms.Form):
    """What may change about a survey at any time; its promise and its versions stay."""

    name = forms.CharField(label="Name", max_length=200)
    brand = forms.CharField(
        label="Brand",
        max_length=100,
        required=False,
        help_text="As customers say it. Empty: the organisation's name.",
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        queryset=User.objects.filter(is_active=True).order_by("name"),
        required=False,
        help_text="Hears of every low score within a minute.",
    )
    touchpoint = forms.ModelChoiceField(
        label="Asked after",
        queryset=Touchpoint.objects.select_related("journey"),
        required=False,
        empty_label="no touchpoint: on a cadence",
    )
    delay_minutes = forms.IntegerField(
        label="Minutes after the touchpoint", min_value=0, max_value=129_600, initial=0
    )
    cadence_days = forms.TypedChoiceField(
        label="Cadence",
        choices=[("", "none"), *CADENCES],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Nobody is asked again before it is over.",
    )
    priority = forms.IntegerField(
        label="Priority",
        min_value=1,
        max_value=1_000,
        initial=100,
        help_text="When two surveys want the same customer, the lower number comes first.",
    )

    @staticmethod
    def of(survey: Survey) -> dict[str, Any]:
        """Return the form's values as they are now."""
        names = ("name", "brand", "owner", "touchpoint", "delay_minutes", "cadence_days")
        return {**{name: getattr(survey, name) for name in names}, "priority": survey.priority}
