"""What people may type about the sites that ask."""

from __future__ import annotations

from django import forms


class SiteForm(forms.Form):
    """A site or app to be."""

    name = forms.CharField(label="Name", max_length=200, help_text="For example: Customer portal.")
    origins = forms.CharField(
        label="It asks from",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One origin a line, such as https://app.example.org. A native app needs none.",
    )
    needs_signature = forms.BooleanField(
        label="It signs who is there",
        required=False,
        initial=True,
        help_text="Without, anybody who opens the site can answer in another customer's name.",
    )

    def origin_list(self) -> list[str]:
        """Return the lines typed."""
        return str(self.cleaned_data["origins"]).split()


class ChangeSiteForm(SiteForm):
    """A site that is there."""

    name = None  # type: ignore[assignment]  # a name once given stays
    is_active = forms.BooleanField(label="It may ask", required=False)
