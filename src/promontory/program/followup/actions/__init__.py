"""What can be done for a customer: open a case, tell its owner, call, note what was said."""

from promontory.program.followup.actions.cases import (
    LONGEST_NOTE,
    add_note,
    forget_person,
    give_case,
    open_case,
    record_call,
    tell_owner,
)

__all__ = [
    "LONGEST_NOTE",
    "add_note",
    "forget_person",
    "give_case",
    "open_case",
    "record_call",
    "tell_owner",
]
