"""The command line's door to the warehouse: how far it has come, and making it anew."""

from __future__ import annotations

from django.conf import settings

from promontory.program.ledger import queries as ledger
from promontory.program.responses.actions import rebuild_warehouse
from promontory.warehouse import Facts


def entries_behind() -> int:
    """Return how many sealed entries the warehouse has not seen yet."""
    return ledger.head().position - Facts(settings.HOME.warehouse).manifest().position


def status() -> int:
    """Print how far the warehouse has come, and return 0."""
    manifest = Facts(settings.HOME.warehouse).manifest()
    rows = sum(file.rows for file in manifest.files)
    print(f"position {manifest.position:,} of {ledger.head().position:,} in the ledger")
    print(f"{rows:,} signed rows in {len(manifest.files):,} files")
    return 0


def rebuild() -> int:
    """Make the warehouse again from the ledger alone, and return 0."""
    position = rebuild_warehouse()
    print(f"The warehouse is made anew, up to position {position:,}.")
    return 0
