"""What asking shows on a customer's page: whether they may be asked, and why they were (not)."""

from __future__ import annotations

from django.utils import timezone

from promontory.program.customers.models import Contact
from promontory.program.customers.panels import Filled
from promontory.program.organization.access import Viewer
from promontory.program.outreach.queries.why import why


def asking_of(contact: Contact, viewer: Viewer) -> Filled | None:
    """Return, survey by survey, whether a customer may be asked and what became of it last."""
    if not viewer.sees_customers:
        return None
    found = why(contact, viewer=viewer, at=timezone.now())
    return Filled("outreach/panel.html", {"surveys": found}) if found else None
