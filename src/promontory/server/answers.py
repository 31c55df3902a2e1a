"""The counter at which answers are taken, before the pages; and how many pages at a time.

A request that waits for its commit costs nothing but its thread, so there are many threads; pages
compute, so only a few of them at a time get on.
"""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.utils import timezone

from promontory.program.answering.actions.counter import Counter
from promontory.program.answering.views.quick import Application, Environ, QuickDoor
from promontory.server.security import HEADERS

PAGES_AT_ONCE = "PROMONTORY_PAGES_AT_ONCE"
"""How many pages are made at a time; `serve` says it to the process it starts."""


def before(pages: Application) -> Application:
    """Open the counter and return the application that looks there first."""
    # What is there at the start stays: the collector need not look through all of it again and
    # again while answers come and go.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    counter = Counter(timezone.now).start()
    atexit.register(counter.stop)
    return QuickDoor(counter, _few_at_once(pages), headers())


def headers() -> list[tuple[str, str]]:
    """Return the headers that the pages' middleware adds to a short answer."""
    found = [
        *HEADERS.items(),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
    ]
    if settings.SECURE:
        found.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
    return found


def _few_at_once(pages: Application) -> Application:
    turns = BoundedSemaphore(int(os.environ.get(PAGES_AT_ONCE, "8")))

    def one_of_few(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        with turns:
            return pages(environ, start_response)

    return one_of_few
