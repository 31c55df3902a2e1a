"""The command line's door to the ledger: verify it, take an anchor of it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone

from promontory.errors import BadInput
from promontory.program.ledger import actions
from promontory.program.ledger import verify as verification


def verify(*, anchor: Path | None, as_json: bool, progress: verification.Progress) -> int:
    """Verify the ledger, print the verdict, and return 0 if nothing was altered, else 1."""
    document = None
    if anchor is not None:
        try:
            lines = anchor.read_text(encoding="utf-8").strip().splitlines()
        except OSError as error:
            raise BadInput(f"The anchor cannot be read: {error}.") from error
        document = lines[-1] if lines else ""
    verdict = verification.verify(document, progress=progress)
    if as_json:
        found = {
            "sound": verdict.is_sound,
            "says": verdict.sentence(),
            "position": verdict.position,
            "entries": verdict.entries,
            "found": verdict.found,
            "problems": [asdict(problem) for problem in verdict.problems],
        }
        print(json.dumps(found, default=str))
    else:
        print(verdict.sentence())
        for problem in verdict.problems[:50]:
            print(f"  {problem}")
        if verdict.found > 50:
            print(f"  … and {verdict.found - 50} more; --json lists them.")
        if verdict.is_sound and anchor is None:
            print(
                "Keep an anchor elsewhere (`promontory ledger anchor`) and verify against it: "
                "only then is a chain that was rewritten whole found too.",
                file=sys.stderr,
            )
    return 0 if verdict.is_sound else 1


def anchor() -> int:
    """Sign the head of the ledger and print it."""
    print(actions.sign_head(at=timezone.now()).document())
    return 0
