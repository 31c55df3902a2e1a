"""Background work that belongs to no context: the installation's own."""

from __future__ import annotations

from promontory.errors import Conflict
from promontory.jobs import running, task
from promontory.program.ledger import actions as ledger


@task()
def sign_head() -> int:
    """Sign the ledger's head for the day; an empty ledger has nothing to sign."""
    try:
        return ledger.sign_head(at=running.now()).position
    except Conflict:
        return 0
