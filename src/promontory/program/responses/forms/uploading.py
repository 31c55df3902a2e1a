"""A file to be brought in."""

from __future__ import annotations

from typing import Any

from django import forms

from promontory.program.surveys.models import Survey


class UploadForm(forms.Form):
    """The file, and the survey its answers belong to."""

    survey = forms.ModelChoiceField(
        label="Which survey do these answers belong to?",
        queryset=Survey.objects.none(),
        empty_label="Choose a survey …",
    )
    file = forms.FileField(
        label="The file with the answers",
        help_text="CSV, Excel (XLSX), Parquet or JSON Lines, one row an answer, of any size. "
        "Nothing counts before you have seen every row judged.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Choose the file with the answers.",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.parquet,.jsonl"}),
    )

    def __init__(self, *args: Any, surveys: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["survey"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = surveys
        only = list(surveys[:2])
        if len(only) == 1:
            chosen.initial = only[0].pk
