"""The pages of the scores: overview, explore, and what is downloaded from them."""

from __future__ import annotations

from django.urls import path, re_path

from promontory.program.scores.views import asking, journeys, pages

app_name = "scores"
urlpatterns = [
    path("", pages.overview_page, name="overview"),
    path("explore", pages.explore_page, name="explore"),
    path("how", pages.how, name="how"),
    path("journeys", journeys.journeys, name="journeys"),
    path("rates", asking.rates, name="rates"),
    path("rates/channels", asking.channels, name="channels"),
    path("rates/channels/decide", asking.decide, name="channels-decide"),
    re_path(
        r"^pictures/(?P<page>overview|explore)/(?P<name>[a-z]+)\.(?P<kind>svg|png|csv)$",
        pages.picture,
        name="picture",
    ),
    re_path(r"^explore/cells\.(?P<kind>csv|xlsx)$", pages.cells, name="cells"),
]
