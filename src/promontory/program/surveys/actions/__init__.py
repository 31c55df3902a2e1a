"""What can be done with surveys: create one, add a version, publish it."""

from promontory.program.surveys.actions.publishing import (
    REASON,
    RECOMMENDATION,
    NewQuestion,
    add_version,
    create_survey,
)

__all__ = ["REASON", "RECOMMENDATION", "NewQuestion", "add_version", "create_survey"]
