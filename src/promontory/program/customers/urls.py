"""The customers' pages."""

from __future__ import annotations

from django.urls import path

from promontory.program.customers.views import contact, finding, holding, importing

app_name = "customers"
urlpatterns = [
    path("customers", finding.customers, name="list"),
    path("customers/new", contact.new, name="new"),
    path("customers/holds", holding.holds, name="holds"),
    path("customers/holds/<int:pk>/lift", holding.lift, name="lift"),
    path("customers/import", importing.imports, name="imports"),
    path("customers/import/<int:pk>", importing.one, name="import"),
    path("customers/import/<int:pk>/columns", importing.columns, name="columns"),
    path("customers/import/<int:pk>/progress", importing.progress, name="progress"),
    path("customers/import/<int:pk>/commit", importing.commit, name="commit"),
    path("customers/import/<int:pk>/cancel", importing.cancel, name="cancel"),
    path("customers/import/<int:pk>/again", importing.again, name="again"),
    path("customers/import/<int:pk>/rejected.csv", importing.rejected, name="rejected"),
    path("customers/import/<int:pk>/file", importing.file, name="file"),
    path("customers/accounts/<int:pk>", finding.account, name="account"),
    path("customers/accounts/<int:pk>/hold", holding.hold_account, name="hold_account"),
    path("customers/<int:pk>", contact.one, name="one"),
    path("customers/<int:pk>/edit", contact.edit, name="edit"),
    path("customers/<int:pk>/consent", contact.consent, name="consent"),
    path("customers/<int:pk>/mend", contact.mend, name="mend"),
    path("customers/<int:pk>/hold", holding.hold_contact, name="hold"),
]
