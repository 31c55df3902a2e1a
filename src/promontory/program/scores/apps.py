from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from promontory.program.surveys.models import Survey


class ScoresConfig(AppConfig):
    name = "promontory.program.scores"
    label = "scores"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.outreach import hooks

        hooks.spreads.add("scores", _spreads)


def _spreads(
    survey: Survey, strata: Sequence[Mapping[str, int]], *, at: datetime
) -> Mapping[int, float]:
    # Imported when it is called: it brings Arrow along, and most processes never call it.
    from promontory.program.scores.queries.spreads import past_spreads

    return past_spreads(survey, strata, at=at)
