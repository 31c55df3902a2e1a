"""The surveys' pages."""

from __future__ import annotations

from django.urls import path

from promontory.program.surveys.views import editing, journeys, listing

app_name = "surveys"
urlpatterns = [
    path("surveys", listing.surveys, name="list"),
    path("surveys/new", listing.new, name="new"),
    path("surveys/start", editing.start, name="start"),
    path("surveys/<slug:key>", listing.survey, name="one"),
    path("surveys/<slug:key>/edit", editing.edit, name="edit"),
    path("surveys/<slug:key>/publish", editing.publish, name="publish"),
    path("surveys/<slug:key>/discard", editing.discard, name="discard"),
    path("surveys/<slug:key>/when", editing.asked_when, name="when"),
    path("surveys/<slug:key>/open-or-close", editing.open_or_close, name="open-or-close"),
    path("journeys/change", journeys.change, name="change-journeys"),
]
