"""What can be done with responses: bring them in, record, correct, exclude and erase them."""

from promontory.program.responses.actions.committing import commit, start_commit
from promontory.program.responses.actions.importing import preview, set_mapping, upload
from promontory.program.responses.actions.refreshing import refresh_warehouse

__all__ = [
    "commit",
    "preview",
    "refresh_warehouse",
    "set_mapping",
    "start_commit",
    "upload",
]
