"""When a wave is to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms


class StartForm(forms.Form):
    """The window in which a wave goes out, by the organisation's clocks."""

    starts_at = forms.DateTimeField(
        label="From",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: at once.",
    )
    ends_at = forms.DateTimeField(
        label="Spread until",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: as fast as the sender allows. Quiet hours are kept either way.",
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = ZoneInfo(zone)

    def clean_starts_at(self) -> datetime | None:
        return self._placed("starts_at")

    def clean_ends_at(self) -> datetime | None:
        return self._placed("ends_at")

    def _placed(self, name: str) -> datetime | None:
        typed: datetime | None = self.cleaned_data[name]
        # Django has read it by the server's clocks; it was typed by the organisation's.
        return typed.replace(tzinfo=self._zone) if typed else None
