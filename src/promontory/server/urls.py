"""What answers at which address: the table of contents for requests."""

from __future__ import annotations

from django.urls import include, path

from promontory.server import health

urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("", include("promontory.program.organization.urls")),
    path("", include("promontory.server.style")),
]
