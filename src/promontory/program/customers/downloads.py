"""What of an import can be downloaded beside its rows set apart: the file as it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from promontory.program.customers.actions.keeping import opened_file
from promontory.program.customers.models import ContactImport
from promontory.program.ledger import actions as ledger


def original(source: ContactImport, folder: Path) -> Iterator[bytes]:
    """Yield the file of an import that is done, as it was uploaded."""
    keeper = source.file_keeper or 0
    return opened_file(folder / source.stored_as, ledger.keys_of([keeper])[keeper])
