"""What answers at which address: the table of contents for requests."""

from __future__ import annotations

from django.urls import include, path, re_path

from promontory.server import first_steps, first_wave, health
from promontory.server.api import api
from promontory.server.api_frame import missing

urlpatterns = [
    path("api/v1/", api.urls),
    re_path(r"^api/", missing),
    path("healthz", health.alive, name="alive"),
    path("welcome", first_steps.welcome, name="welcome"),
    path("first-steps", first_steps.first_steps, name="first-steps"),
    path("first-steps/policy", first_steps.keep_policy, name="first-policy"),
    path("first-steps/wave", first_wave.first_wave, name="first-wave"),
    path("first-steps/wave/<int:pk>", first_wave.one, name="first-wave-one"),
    path("first-steps/wave/<int:pk>/decide", first_wave.draw, name="first-wave-decide"),
    path("", include("promontory.program.followup.urls")),
    path("", include("promontory.program.scores.urls")),
    path("", include("promontory.program.answering.urls")),
    path("", include("promontory.program.outreach.urls")),
    path("", include("promontory.program.responses.urls")),
    path("", include("promontory.program.surveys.urls")),
    path("", include("promontory.program.customers.urls")),
    path("", include("promontory.program.organization.urls")),
    path("", include("promontory.server.style")),
]
