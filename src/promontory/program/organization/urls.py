"""The organisation's pages: sign-in, the first steps, settings."""

from __future__ import annotations

from django.urls import path

from promontory.program.organization import views

app_name = "organization"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/people", views.people, name="people"),
    path("settings/people/<int:pk>/take", views.take_role, name="take-role"),
    path("settings/password", views.password, name="password"),
    path("settings/keys", views.keys, name="keys"),
    path("settings/keys/<int:pk>/revoke", views.revoke_key, name="revoke-key"),
    path("settings/audit", views.audit, name="audit"),
]
