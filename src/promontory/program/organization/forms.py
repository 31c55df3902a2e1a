"""What people may type about the organisation."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms

from promontory.program.organization.access import ROLES, Can
from promontory.program.organization.models import OrgUnit

ROLE_CHOICES = [(key, label) for key, (label, _) in ROLES.items()]
SCOPE_CHOICES = [(scope.value, scope.value.replace("_", " ")) for scope in Can]


class WelcomeForm(forms.Form):
    """The first questions of an empty installation."""

    organization = forms.CharField(label="Your organisation", max_length=200)
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Where your days end. It cannot be changed later: the ledger begins with it.",
        choices=[(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        initial="Europe/London",
    )
    name = forms.CharField(label="Your name", max_length=200)
    email = forms.EmailField(label="Your e-mail address")
    password = forms.CharField(
        label="A password", min_length=10, widget=forms.PasswordInput, strip=False
    )


class SettingsForm(forms.Form):
    """What may change about the organisation."""

    name = forms.CharField(label="Name", max_length=200)
    currency = forms.RegexField(label="Currency", regex=r"^[A-Za-z]{3}$")
    minimum_group = forms.IntegerField(
        label="Smallest group shown",
        min_value=3,
        max_value=100,
        help_text="Fewer people than this are never shown where answers are confidential.",
    )


class PersonForm(forms.Form):
    """Somebody to let in."""

    name = forms.CharField(label="Name", max_length=200)
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(label="Role", choices=ROLE_CHOICES, initial="analyst")
    unit = forms.ModelChoiceField(
        label="Unit",
        queryset=OrgUnit.objects.all(),
        required=False,
        empty_label="The whole organisation",
    )


class PasswordForm(forms.Form):
    """A new password for oneself."""

    password = forms.CharField(
        label="New password", min_length=10, widget=forms.PasswordInput, strip=False
    )


class KeyForm(forms.Form):
    """An API key to be."""

    name = forms.CharField(label="What is it for?", max_length=100)
    scopes = forms.MultipleChoiceField(
        label="What may it do?", choices=SCOPE_CHOICES, widget=forms.CheckboxSelectMultiple
    )
