"""The surveys' pages."""

from __future__ import annotations

from django.urls import path

from promontory.program.surveys.views import editing, journeys, listing, wording

app_name = "surveys"
urlpatterns = [
    path("surveys", listing.surveys, name="list"),
    path("surveys/new", listing.new, name="new"),
    path("surveys/start", editing.start, name="start"),
    path("surveys/<slug:key>", listing.survey, name="one"),
    path("surveys/<slug:key>/edit", editing.edit, name="edit"),
    path("surveys/<slug:key>/preview", editing.preview, name="preview"),
    path("surveys/<slug:key>/publish", editing.publish, name="publish"),
    path("surveys/<slug:key>/discard", editing.discard, name="discard"),
    path("surveys/<slug:key>/when", editing.asked_when, name="when"),
    path("surveys/<slug:key>/open-or-close", editing.open_or_close, name="open-or-close"),
    path("settings/wording", wording.overview, name="wording"),
    path("settings/wording/<slug:code>", wording.language, name="wording-language"),
    path("settings/wording/<slug:code>/review", wording.review, name="wording-review"),
    path("settings/wording/<slug:code>/<str:key>", wording.text, name="wording-text"),
    path("journeys/change", journeys.change, name="change-journeys"),
]
