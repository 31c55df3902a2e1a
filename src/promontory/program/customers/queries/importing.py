"""Files of contacts and holds: the list, one of them, its rows set apart, the file itself."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import QuerySet

from promontory.charts.cells import harmless
from promontory.errors import NotFound
from promontory.program.customers.models import Account, ContactImport, RejectedContact
from promontory.program.customers.queries.reading import find_contacts
from promontory.program.customers.rules.reasons import explain
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import open_bytes
from promontory.program.organization.access import Can, Viewer

_AT_ONCE = 5_000


def imports(*, viewer: Viewer) -> QuerySet[ContactImport]:
    """Return all files of customers, newest first."""
    viewer.must(Can.IMPORT)
    viewer.must_see_customers()
    return ContactImport.objects.order_by("-pk")


def one_import(pk: int, *, viewer: Viewer, hold: bool = False) -> ContactImport:
    """Return one import; held, nobody changes it in the present transaction."""
    wanted = imports(viewer=viewer).filter(pk=pk)
    found = (wanted.select_for_update() if hold else wanted).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found


def rejected_rows(source: ContactImport, *, viewer: Viewer) -> Iterator[list[str]]:
    """Yield a table of the rows set apart: a header, then row, reasons, cells as they came.

    No cell of it is taken for a formula by a spreadsheet.
    """
    viewer.must(Can.IMPORT)
    viewer.must_see_customers()
    columns = [column["name"] for column in source.proposal.get("columns", [])]
    key = ledger.keys_of([source.keeper]).get(source.keeper) if source.keeper else None
    yield ["row", "reasons", *map(harmless, columns)]
    if key is None:
        for sample in source.preview.get("samples", []):
            yield [str(sample["row"]), harmless(sample["says"])]
        return
    rejected = RejectedContact.objects.filter(source=source).order_by("row")
    for found in rejected.iterator(chunk_size=1_000):
        text = open_bytes(key, bytes(found.raw), b"rejected contact %d" % found.row).decode()
        cells = [cell or "" for cell in json.loads(text)]
        place = {name: at for at, name in enumerate(columns)}
        said = [_said(reason, cells, place) for reason in found.reasons]
        yield [str(found.row), harmless(" ".join(said)), *map(harmless, cells)]


def _said(reason: list[str], cells: list[str], place: dict[str, int]) -> str:
    slug, column, _ = reason
    at = place.get(column)
    return explain((slug, column, cells[at] if at is not None and at < len(cells) else ""))


def who(kind: str, values: Collection[Any]) -> dict[Any, int]:
    """Return the contact behind each blind index of a kind, or the account behind each key."""
    if kind != "account":
        return {index: known.contact for index, known in find_contacts(kind, values).items()}
    found: dict[Any, int] = {}
    wanted = list(values)
    for start in range(0, len(wanted), _AT_ONCE):
        some = Account.objects.filter(key__in=wanted[start : start + _AT_ONCE])
        found.update(some.values_list("key", "pk"))
    return found
