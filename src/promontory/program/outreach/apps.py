from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from promontory.program.customers.models import Contact
    from promontory.program.customers.panels import Filled
    from promontory.program.organization.access import Viewer


class OutreachConfig(AppConfig):
    name = "promontory.program.outreach"
    label = "outreach"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.customers.panels import panels
        from promontory.program.ledger import hooks

        hooks.erasers.add("outreach", _forget)
        panels.add("outreach", _asking_of)


def _forget(person_id: int, *, by: str, at: datetime) -> None:
    from promontory.program.outreach.actions.forgetting import forget_person

    forget_person(person_id, by=by, at=at)


def _asking_of(contact: Contact, viewer: Viewer) -> Filled | None:
    from promontory.program.outreach.panels import asking_of

    return asking_of(contact, viewer)
