"""The surveys' pages."""

from __future__ import annotations

from django.urls import path

from promontory.program.surveys.views import listing

app_name = "surveys"
urlpatterns = [
    path("surveys", listing.surveys, name="list"),
    path("surveys/new", listing.new, name="new"),
    path("surveys/<slug:key>", listing.survey, name="one"),
]
