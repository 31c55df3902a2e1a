"""The pages of the scores: overview, explore, and what is downloaded from them."""

from __future__ import annotations

from django.urls import path, re_path

from promontory.program.scores import views

app_name = "scores"
urlpatterns = [
    path("", views.overview_page, name="overview"),
    path("explore", views.explore_page, name="explore"),
    path("how", views.how, name="how"),
    re_path(
        r"^pictures/(?P<page>overview|explore)/(?P<name>[a-z]+)\.(?P<kind>svg|png|csv)$",
        views.picture,
        name="picture",
    ),
    re_path(r"^explore/cells\.(?P<kind>csv|xlsx)$", views.cells, name="cells"),
]
