from __future__ import annotations

from datetime import datetime

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "promontory.program.outreach"
    label = "outreach"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.ledger import hooks

        hooks.erasers.add("outreach", _forget)


def _forget(person_id: int, *, by: str, at: datetime) -> None:
    from promontory.program.outreach.actions.forgetting import forget_person

    forget_person(person_id, by=by, at=at)
