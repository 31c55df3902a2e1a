"""Background work of the organisation: the audit's own."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from promontory.jobs import running, task
from promontory.program.ledger import verify as verification

MOST_LISTED = 100


@task(atomic=False)
def verify_ledger(anchor: str | None) -> dict[str, Any]:
    """Recompute the whole ledger and return the verdict."""
    verdict = verification.verify(anchor, progress=_progress)
    return {
        "sound": verdict.is_sound,
        "sentence": verdict.sentence(),
        "position": verdict.position,
        "entries": verdict.entries,
        "found": verdict.found,
        "problems": [
            {name: str(value) for name, value in asdict(problem).items() if value is not None}
            for problem in verdict.problems[:MOST_LISTED]
        ],
    }


def _progress(done: int, total: int) -> None:
    running.progress(done, total, "recomputing the chain")
