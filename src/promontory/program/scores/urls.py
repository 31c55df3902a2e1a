"""The pages of the scores: overview, explore, and what is downloaded from them."""

from __future__ import annotations

from django.urls import path

from promontory.program.scores import views

app_name = "scores"
urlpatterns = [
    path("", views.overview_page, name="overview"),
]
