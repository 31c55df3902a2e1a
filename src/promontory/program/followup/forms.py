"""What people may type about a case."""

from __future__ import annotations

from django import forms

from promontory.program.followup.actions import LONGEST_NOTE


class NoteForm(forms.Form):
    """What was said; may be empty where the call itself is what counts."""

    note = forms.CharField(
        label="What was said",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST_NOTE,
        required=False,
    )
