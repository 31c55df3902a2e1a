"""What people may type about a survey."""

from __future__ import annotations

from django import forms

from promontory.program.surveys import rules
from promontory.program.surveys.actions import REASON, RECOMMENDATION, NewQuestion

MORE_QUESTIONS = {
    "satisfaction": NewQuestion(
        key="satisfaction", metric="csat", text="How satisfied are you with us today?"
    ),
    "effort": NewQuestion(
        key="effort", metric="ces", text="They made it easy for me to handle my issue."
    ),
}


class SurveyForm(forms.Form):
    """A survey to be: what it is called, when it is asked, what is promised, what it asks."""

    name = forms.CharField(
        label="Name", max_length=200, help_text="For example: Relationship, or After support."
    )
    kind = forms.ChoiceField(
        label="When is it asked?",
        choices=[
            ("relationship", "On a cadence (relationship)"),
            ("transactional", "After a touchpoint (transactional)"),
        ],
        widget=forms.RadioSelect,
        initial="relationship",
    )
    promise = forms.ChoiceField(
        label="What is promised to those who answer?",
        choices=[(key, f"{key.capitalize()} — {text}") for key, text in rules.PROMISES.items()],
        widget=forms.RadioSelect,
        initial="confidential",
        help_text="The promise is enforced everywhere after, and cannot be weakened later.",
    )
    also = forms.MultipleChoiceField(
        label="What does it ask beside the recommendation and the reason?",
        choices=[("satisfaction", "Satisfaction, 1–5 (CSAT)"), ("effort", "Effort, 1–7 (CES)")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def questions(self) -> list[NewQuestion]:
        """Return the questions in the order in which they are asked."""
        also = [MORE_QUESTIONS[key] for key in self.cleaned_data["also"]]
        return [RECOMMENDATION, *also, REASON]
