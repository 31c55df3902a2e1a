"""The surveys' pages."""

from __future__ import annotations

from django.urls import path

from promontory.program.surveys import views

app_name = "surveys"
urlpatterns = [
    path("surveys", views.surveys, name="list"),
    path("surveys/new", views.new, name="new"),
    path("surveys/<slug:key>", views.survey, name="one"),
]
