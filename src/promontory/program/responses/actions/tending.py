"""Keeping the warehouse quick: few files a month, a fresh day cube, every month hashed."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from promontory.errors import Conflict
from promontory.jobs import Retry
from promontory.program.customers import queries as customers
from promontory.program.offload import child
from promontory.program.responses import work
from promontory.warehouse.schema import is_attribute


def tend_warehouse() -> None:
    """Merge small files, count the day cube anew and hash what has changed.

    Changes no figure; while another process refreshes, it is tried again.
    """
    declared = customers.dimensions().filter(is_declared=True)
    # Language and the like have columns of their own, which the cube always holds.
    columns = [one.column for one in declared if is_attribute(one.column)]
    request = work.TendRequest(path=str(settings.HOME.warehouse), dimensions=columns)
    try:
        with child(work.tend, request) as worker:
            for _ in worker.messages({}, before_answer=lambda: None):
                pass
    except Conflict as conflict:
        raise Retry(str(conflict), after=timedelta(seconds=5)) from conflict
