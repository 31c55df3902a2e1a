"""What people may type about a text: how it reads, and why."""

from __future__ import annotations

from django import forms

from promontory.program.surveys.queries.wording import Text
from promontory.program.surveys.rules.texts import Language
from promontory.program.surveys.rules.wording import LONGEST_TEXT


class TextForm(forms.Form):
    """One text of a language; `was` is what the writer saw."""

    text = forms.CharField(
        label="The text",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Edited, it is a draft until somebody reviews it.",
    )
    note = forms.CharField(
        label="Why it was changed", max_length=300, required=False, help_text="Kept with the text."
    )
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, language: Language, text: Text, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["text"].label = f"{language.name} ({language.own_name})"
        self.fields["text"].widget.attrs |= {"lang": language.code, "dir": language.direction}
        self.initial = {"text": text.text, "note": text.note, "was": text.text}
