"""The pages of follow-up."""

from __future__ import annotations

from django.urls import path

from promontory.program.followup import views

app_name = "followup"
urlpatterns = [
    path("cases", views.cases, name="cases"),
    path("cases/<int:number>", views.case, name="case"),
    path("c/<str:token>", views.called, name="called"),
]
