"""What people may type about a sender; its provider declares what it wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from promontory.channels.configuration import FormField, form_fields
from promontory.channels.contract import Provider

_PREFIX = "setting_"


class SenderForm(forms.Form):
    """A sender of one provider, with whatever that provider wants to know."""

    name = forms.CharField(label="Name", max_length=100)
    address = forms.CharField(label="From", max_length=320, required=False)
    per_second = forms.FloatField(
        label="Messages a second, at most",
        min_value=0.001,
        max_value=10_000,
        initial=10,
        help_text="What the provider allows; all our workers together keep to it.",
    )

    def __init__(
        self,
        *args: Any,
        provider: type[Provider],
        stored: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        is_mail = provider.capabilities.channel == "email"
        self.fields["address"].required = is_mail
        self.fields["address"].help_text = (
            "For example: Acme <ask@acme.example>"
            if is_mail
            else "Empty: the number or name of the provider's own settings below."
        )
        self._settings = form_fields(provider.settings_class)
        for each in self._settings:
            self.fields[_PREFIX + each.name] = _field(each, stored)

    def settings(self) -> dict[str, Any]:
        """Return what was typed for the provider."""
        return {
            each.name: self.cleaned_data[_PREFIX + each.name]
            for each in self._settings
            if self.cleaned_data.get(_PREFIX + each.name) is not None
        }


class TestForm(forms.Form):
    """To whom a test message goes."""

    to = forms.CharField(label="Send a test to", max_length=320)


def _field(each: FormField, stored: Mapping[str, Any] | None) -> forms.Field:
    known = stored or {}
    common: dict[str, Any] = {
        "label": each.label,
        "help_text": each.help,
        "required": each.required and not (each.secret and each.name in known),
    }
    if each.kind == "yes_no":
        start = known.get(each.name, each.default)
        return forms.BooleanField(**{**common, "required": False}, initial=bool(start))
    if each.secret:
        if known.get(each.name):
            common["help_text"] = f"{each.help} Leave it empty to keep the one that is set.".strip()
        field = forms.PasswordInput(attrs={"autocomplete": "off"})
        return forms.CharField(**common, widget=field, strip=False, max_length=5_000)
    start = known.get(each.name, each.default)
    if each.kind == "number":
        return forms.IntegerField(**common, initial=start)
    if each.choices:
        pairs = [(choice, choice) for choice in each.choices]
        return forms.ChoiceField(**common, choices=pairs, initial=start)
    return forms.CharField(**common, initial=start, max_length=2_000)
