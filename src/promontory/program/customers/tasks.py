"""Background work of this context: each takes ids, makes one call, and may run twice."""

from __future__ import annotations

from promontory.jobs import running, task
from promontory.program.customers import actions


@task(atomic=False)
def preview_contacts(import_id: int) -> None:
    """Judge every row of an uploaded file of contacts or holds."""
    actions.preview(import_id, at=running.now())


@task(atomic=False)
def commit_contacts(import_id: int) -> None:
    """Write a previewed file's rows, or those that are still missing."""
    actions.commit(import_id, at=running.now())


@task(atomic=False, retries=20)
def forget_files() -> None:
    """Delete the files that contacts came in, since one who may be in them was erased."""
    actions.forget_files(by="system", at=running.now())
