from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from promontory.program.ledger.hooks import Mismatch
    from promontory.program.ledger.rules import EntryRow


class ResponsesConfig(AppConfig):
    name = "promontory.program.responses"
    label = "responses"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.ledger import hooks

        hooks.erasers.add("responses", _forget)
        hooks.projections.add("responses", hooks.Projection(check=_check, unaccounted=_unaccounted))
        hooks.personal_values.add("responses", _personal_values)


# Imported when they are called: they bring Arrow along, and most processes never call them.


def _forget(person_id: int, *, by: str, at: datetime) -> None:
    from promontory.program.responses.actions.erasing import forget_person

    forget_person(person_id, by=by, at=at)


def _check(entries: Sequence[EntryRow]) -> Iterable[Mismatch]:
    from promontory.program.responses import checks

    return checks.check(entries)


def _unaccounted(upto: int) -> Iterable[Mismatch]:
    from promontory.program.responses import checks

    return checks.unaccounted(upto)


def _personal_values(entries: Sequence[EntryRow]) -> Mapping[int, bytes]:
    from promontory.program.responses import checks

    return checks.personal_values(entries)
