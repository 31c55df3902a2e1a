"""Finding, describing and holding back a customer."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from promontory.program.customers import codes
from promontory.program.customers.actions import ContactFields

_ANY = [("", "Not said")]


class FindForm(forms.Form):
    """Whom to look for."""

    who = forms.CharField(
        label="E-mail address, customer number or telephone number",
        max_length=320,
        help_text="Exactly as it is: addresses are kept encrypted and are found only whole.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ContactForm(forms.Form):
    """A contact's details; an emptied field takes away what was there."""

    name = forms.CharField(label="Name", max_length=300, required=False)
    email = forms.CharField(label="E-mail address", max_length=254, required=False)
    phone = forms.CharField(
        label="Telephone number",
        max_length=40,
        required=False,
        help_text="With its country code, as +49 151 23456789.",
    )
    customer = forms.CharField(label="Customer number", max_length=200, required=False)
    language = forms.CharField(
        label="Language", max_length=40, required=False, help_text="Its code, as en, de or pt-BR."
    )
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        required=False,
        help_text="As Europe/Paris: by its clock nobody is disturbed at night.",
    )
    account = forms.CharField(
        label="Account", max_length=200, required=False, help_text="The key of their organisation."
    )
    stake = forms.CharField(label="Part in the account", max_length=50, required=False)
    basis = forms.ChoiceField(
        label="Lawful basis for asking",
        choices=[*_ANY, *codes.BASES.items()],
        required=False,
    )

    def fields_said(self) -> ContactFields:
        """Return what was typed, for the action."""
        return ContactFields(**self.cleaned_data)


class ConsentForm(forms.Form):
    """What a customer has said about being asked."""

    is_given = forms.ChoiceField(
        label="They",
        choices=[("no", "do not want to be asked"), ("yes", "may be asked again")],
        widget=forms.RadioSelect,
        initial="no",
    )
    ways = forms.MultipleChoiceField(
        label="By which ways?",
        choices=[(str(int(way)), name) for way, name in codes.WAY_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[str(int(way)) for way in codes.WAY_LABELS],
        error_messages={"required": "Name at least one way."},
    )
    basis = forms.ChoiceField(
        label="Lawful basis", choices=[*_ANY, *codes.BASES.items()], required=False
    )
    note = forms.CharField(
        label="How did they say it?",
        max_length=300,
        required=False,
        help_text="For example: by telephone.",
    )

    def mask(self) -> int:
        """Return the ways as one mask."""
        return sum(int(way) for way in self.cleaned_data["ways"])


class HoldForm(forms.Form):
    """A hold to be placed on the customer of the page."""

    reason = forms.ChoiceField(label="Why?", choices=list(codes.HOLD_REASONS.items()))
    until = forms.DateField(
        label="Until the end of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Left empty, it stands until somebody lifts it.",
    )
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone

    def ends_at(self) -> datetime | None:
        """Return the end of the day chosen, by the organisation's clock."""
        day = self.cleaned_data["until"]
        if day is None:
            return None
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(self._zone)).astimezone(UTC)


class NewHoldForm(HoldForm):
    """A hold to be placed on whoever is named."""

    who = forms.CharField(
        label="Whom?",
        max_length=320,
        help_text="An e-mail address, customer number, telephone number, or the key of an account.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("who", "reason", "until", "note")
