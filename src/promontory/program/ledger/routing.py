"""Which table lives in which database: the per-person keys apart, all else together."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

KEYS = "keys"


class KeysApart:
    """Send PersonKey to the database "keys" and every other model to "default"."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return KEYS if _is_key(model._meta.app_label, model._meta.model_name) else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return KEYS if _is_key(model._meta.app_label, model._meta.model_name) else None

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool:
        return (db == KEYS) == _is_key(app_label, model_name)


def _is_key(app_label: str, model_name: str | None) -> bool:
    return app_label == "ledger" and model_name == "personkey"
