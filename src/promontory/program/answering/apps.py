from __future__ import annotations

from django.apps import AppConfig


class AnsweringConfig(AppConfig):
    name = "promontory.program.answering"
    label = "answering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.answering.actions.forgetting import forget_person
        from promontory.program.ledger import hooks

        hooks.erasers.add("answering", forget_person)
