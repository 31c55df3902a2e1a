"""One line of progress on the error stream, only where somebody watches it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Progress = Callable[[int, int, str], None]
REDRAW_SECONDS = 0.2


def bar(label: str) -> Progress:
    """Return a callable(done, total, note) that draws progress; silent where nobody watches."""
    if not sys.stderr.isatty():
        return lambda done, total, note: None
    drawn = 0.0

    def draw(done: int, total: int, note: str) -> None:
        nonlocal drawn
        is_last = 0 < total <= done
        if not is_last and time.monotonic() - drawn < REDRAW_SECONDS:
            return
        drawn = time.monotonic()
        share = f"{done / total:4.0%}" if total else f"{done:,}"
        sys.stderr.write(f"\r{label}: {share} {note:<40.40}" + ("\n" if is_last else ""))
        sys.stderr.flush()

    return draw
