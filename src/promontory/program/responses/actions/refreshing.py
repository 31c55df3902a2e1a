"""Bringing the warehouse up to the ledger, exactly once, in a process that never writes here."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from promontory.errors import Conflict
from promontory.jobs import Retry, running
from promontory.program.ledger import actions as ledger
from promontory.program.ledger import queries as ledger_queries
from promontory.program.offload import child
from promontory.program.responses import queries, work
from promontory.warehouse import Facts


def refresh_warehouse() -> int:
    """Add to the warehouse what the ledger has sealed since, and return the position reached.

    Many calls in a row do the work once. While another process refreshes, it is tried again.
    """
    return _fill(replace=False)


def rebuild_warehouse() -> int:
    """Make the warehouse again from the ledger alone, beside the old one, then take its place."""
    return _fill(replace=True)


def _fill(*, replace: bool) -> int:
    ledger.seal()
    upto = ledger_queries.head().position
    path = settings.HOME.warehouse
    after = 0 if replace else Facts(path).manifest().position
    if upto <= after and not replace:
        return after
    request = work.RefreshRequest(
        path=str(path), upto=upto, day_ends=queries.day_ends(after, upto), replace=replace
    )
    parts = queries.fact_parts(after, upto)
    answers = {"next": lambda: next(parts, None)}
    try:
        with child(work.refresh, request) as worker:
            for kind, value in worker.messages(answers, before_answer=lambda: None):
                if kind == "progress":
                    running.progress(value, None, "refreshing the warehouse")
    except Conflict as conflict:
        raise Retry(str(conflict), after=timedelta(seconds=1)) from conflict
    return upto
