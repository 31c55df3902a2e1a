"""Background work of this context: each takes ids, makes one call, and may run twice."""

from __future__ import annotations

from promontory.jobs import running, task
from promontory.program.responses import actions


@task(atomic=False)
def preview_import(import_id: int) -> None:
    """Judge every row of an uploaded file."""
    actions.preview(import_id, at=running.now())


@task(atomic=False)
def commit_import(import_id: int) -> None:
    """Write a previewed file's rows, or those that are still missing."""
    actions.commit(import_id, at=running.now())


@task(atomic=False, priority=10, retries=20)
def refresh_warehouse() -> None:
    """Bring the warehouse up to the ledger's last position."""
    actions.refresh_warehouse()


@task(atomic=False, priority=-10, retries=20)
def tend_warehouse() -> None:
    """Merge the warehouse's small files, build its day cube and hash its months."""
    actions.tend_warehouse()


@task(atomic=False)
def sweep_import(import_id: int) -> None:
    """Delete what a cancelled import has written."""
    actions.sweep(import_id)


@task(atomic=False, retries=20)
def forget_in_warehouse(responses: list[int]) -> None:
    """Take an erased person's undeclared attributes out of the warehouse."""
    actions.forget_in_warehouse(responses)
