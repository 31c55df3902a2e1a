"""What can be done with responses: bring them in, record, correct, exclude and erase them."""

from promontory.program.responses.actions.committing import cancel, commit, start_commit, sweep
from promontory.program.responses.actions.erasing import erase_contact, forget_in_warehouse
from promontory.program.responses.actions.gathering import NewResponse, record_all
from promontory.program.responses.actions.importing import preview, retry, set_mapping, upload
from promontory.program.responses.actions.recording import (
    correct,
    exclude,
    open_response,
    readmit,
    record,
)
from promontory.program.responses.actions.refreshing import rebuild_warehouse, refresh_warehouse
from promontory.program.responses.actions.revising import RESPONDENT, Revision, revise
from promontory.program.responses.actions.tending import tend_warehouse

__all__ = [
    "RESPONDENT",
    "NewResponse",
    "Revision",
    "cancel",
    "commit",
    "correct",
    "erase_contact",
    "exclude",
    "forget_in_warehouse",
    "open_response",
    "preview",
    "readmit",
    "rebuild_warehouse",
    "record",
    "record_all",
    "refresh_warehouse",
    "retry",
    "revise",
    "set_mapping",
    "start_commit",
    "sweep",
    "tend_warehouse",
    "upload",
]
