"""What can be done with surveys: draft, publish and close them, put them into journeys."""

from promontory.program.surveys.actions.journeys import (
    add_touchpoint,
    create_journey,
    move_touchpoint,
    remove_touchpoint,
    rename_touchpoint,
)
from promontory.program.surveys.actions.publishing import (
    add_version,
    change_survey,
    close_survey,
    create_survey,
    discard_draft,
    publish_draft,
    reopen_survey,
    save_draft,
)
from promontory.program.surveys.actions.starting import start_programme
from promontory.program.surveys.rules.questions import REASON, RECOMMENDATION, NewQuestion

__all__ = [
    "REASON",
    "RECOMMENDATION",
    "NewQuestion",
    "add_touchpoint",
    "add_version",
    "change_survey",
    "close_survey",
    "create_journey",
    "create_survey",
    "discard_draft",
    "move_touchpoint",
    "publish_draft",
    "remove_touchpoint",
    "rename_touchpoint",
    "reopen_survey",
    "save_draft",
    "start_programme",
]
