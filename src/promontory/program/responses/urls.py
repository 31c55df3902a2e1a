"""The pages of imports and responses."""

from __future__ import annotations

from django.urls import path

from promontory.program.responses.views import answers, imports

app_name = "responses"
urlpatterns = [
    path("imports", imports.imports, name="imports"),
    path("imports/<int:pk>", imports.one, name="import"),
    path("imports/<int:pk>/columns", imports.columns, name="columns"),
    path("imports/<int:pk>/progress", imports.progress, name="progress"),
    path("imports/<int:pk>/commit", imports.commit, name="commit"),
    path("imports/<int:pk>/cancel", imports.cancel, name="cancel"),
    path("imports/<int:pk>/again", imports.again, name="again"),
    path("imports/<int:pk>/rejected.csv", imports.rejected, name="rejected"),
    path("responses", answers.responses, name="list"),
    path("responses/<int:pk>", answers.one, name="one"),
]
