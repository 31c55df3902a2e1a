"""The living style page: every component and chart in every state, for administrators."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from promontory.charts import DIFFERENCE, Cell, Column, Figure, Row
from promontory.program.organization.access import Can
from promontory.program.organization.doors import viewer
from promontory.server import samples

BADGES = [
    "ok",
    "info",
    "warn",
    "refused",
    "skipped",
    "withheld",
    "imprecise",
    "incomplete",
    "promoter",
    "passive",
    "detractor",
]


class SampleForm(forms.Form):
    """One field of each sort, with help and with faults."""

    name = forms.CharField(label="Name", help_text="As it will stand on every page.")
    email = forms.EmailField(label="E-mail")
    survey = forms.ChoiceField(label="Survey", choices=[("a", "Relationship"), ("b", "Delivery")])
    promise = forms.ChoiceField(
        label="What respondents were promised",
        widget=forms.RadioSelect,
        choices=[("i", "identified"), ("c", "confidential"), ("a", "anonymous")],
    )
    file = forms.FileField(label="File", help_text="CSV, XLSX, Parquet or JSON lines.")
    words = forms.CharField(label="Why", widget=forms.Textarea)
    sure = forms.BooleanField(label="I have told the works council")


def _table() -> tuple[list[Column], list[Row]]:
    columns = [
        Column("Region"),
        Column("Score", "score"),
        Column("Interval", "score"),
        Column("Base", "count"),
    ]
    rows = []
    for name, figure in samples.FIGURES.items():
        cells = (
            Cell(name.capitalize(), False),
            Cell(figure.text, True),
            Cell(figure.interval_text, True),
            Cell(figure.base_text if figure.shown else "", True),
        )
        rows.append(Row(cells, figure.standing, href=f"#{name}"))
    return columns, rows


@login_required
def style(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    viewer(request).must(Can.MANAGE_INSTALLATION)
    columns, rows = _table()
    context = {
        "figures": samples.FIGURES,
        "pictures": samples.pictures(),
        "badges": BADGES,
        "form": SampleForm({"name": "Anna", "email": "not an address"}),
        "columns": columns,
        "rows": rows,
        "gap": Figure(-6.4, -9.9, -2.9, 9_100, scale=DIFFERENCE),
        "facts": [
            ("Score", "+31.6, between +28.9 and +34.2 (95 %)"),
            ("Base", "4,812 respondents; effective base 4,377"),
            ("Method", "Net Promoter Score, version 3, approved 2 March 2026"),
            ("Left out", "214 duplicates, 31 test answers"),
            ("Weights", "By region and channel; largest weight 3.1"),
            ("Position", "1,204,883, sealed 22 November 2026, 06:00 UTC"),
        ],
        "surveys": [("", "All surveys"), ("1", "Relationship"), ("2", "After delivery")],
        "periods": [("q4", "Last 3 months"), ("y", "Last 12 months")],
    }
    return render(request, "style/style.html", context)


@login_required
def panel(request: HttpRequest) -> HttpResponse:
    """Show the side panel alone, as a page asks for it."""
    viewer(request).must(Can.MANAGE_INSTALLATION)
    facts = [("Score", "+31.6, between +28.9 and +34.2 (95 %)"), ("Base", "4,812 respondents")]
    return render(request, "style/panel.html", {"facts": facts})


urlpatterns = [path("style", style, name="style"), path("style/panel", panel, name="style-panel")]
