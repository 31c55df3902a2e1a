"""What can be asked about responses and imports."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.models import QuerySet

from promontory.charts.cells import harmless
from promontory.errors import Broken, NotFound
from promontory.program.customers import queries as customers
from promontory.program.customers.models import Dimension
from promontory.program.ledger import queries as ledger
from promontory.program.ledger.actions import keys_of
from promontory.program.ledger.models import DayEnd
from promontory.program.ledger.rules import EntryRow
from promontory.program.ledger.vault import open_bytes
from promontory.program.organization.access import Can, Viewer
from promontory.program.responses.models import Import, RawRow, RejectedRow, Response, Verbatim
from promontory.program.responses.queries.reading import (
    GROUPS,
    Filters,
    Page,
    Shown,
    lists_anonymous,
    one,
    search,
    visible,
)
from promontory.program.responses.rules.facts import ABOUT_ANSWERS
from promontory.program.responses.rules.facts import facts as signed_rows
from promontory.program.responses.rules.judging import explain
from promontory.program.responses.rules.kept import compact, personal

__all__ = [
    "GROUPS",
    "Filters",
    "Page",
    "Shown",
    "cells_of",
    "day_ends",
    "entries_on",
    "fact_parts",
    "facts",
    "imports",
    "known_contacts",
    "lists_anonymous",
    "one",
    "one_import",
    "personal_bytes",
    "personal_bytes_of",
    "rejected_rows",
    "search",
    "stored_contents",
    "stored_keys",
    "visible",
]

_AT_ONCE = 5_000
Resolved = tuple[int, int, int, bytes]
"""Contact, person, cluster, wrapped key."""


def imports(*, viewer: Viewer) -> QuerySet[Import]:
    """Return the imports, newest first: all of them, or to who serves units only their own.

    A file may hold answers of any unit, and is shown with its cells.
    """
    viewer.must(Can.IMPORT)
    found = Import.objects.select_related("survey", "by")
    return found if viewer.units is None else found.filter(by=viewer.user_id)


def one_import(pk: int, *, viewer: Viewer, hold: bool = False) -> Import:
    """Return one import; held, nobody changes it in the present transaction."""
    wanted = imports(viewer=viewer).filter(pk=pk)
    found = (wanted.select_for_update(of=("self",)) if hold else wanted).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found


def entries_on(response: int) -> list[EntryRow]:
    """Return what the ledger has on a response's answers, oldest first."""
    return [e for e in ledger.entries_of_subject(response) if e.kind in ABOUT_ANSWERS]


def personal_bytes(response: Response, key: bytes, kept: Mapping[str, Any]) -> bytes:
    """Return the canonical personal values of a response, as a commitment was made to them."""
    # Fetched anew: what the response remembers of them may be older than a correction.
    verbatim = Verbatim.objects.filter(response=response).first()
    row = RawRow.objects.filter(response=response).first()
    return personal_bytes_of(response, key, kept, verbatim=verbatim, row=row)


def personal_bytes_of(
    response: Response,
    key: bytes,
    kept: Mapping[str, Any],
    *,
    verbatim: Verbatim | None,
    row: RawRow | None,
) -> bytes:
    """Return the same for a response whose verbatim and raw row are at hand."""
    raw = None
    if row is not None:
        try:
            raw = open_bytes(key, bytes(row.sealed), b"raw %d" % response.pk).decode()
        except Broken:
            raw = "(does not open)"
    undeclared = {d: c for d, c in response.attributes.items() if d not in kept["st"]}
    return personal(
        contact=response.contact_id,
        raw=raw,
        verbatim=verbatim.text if verbatim else None,
        undeclared=compact(undeclared),
    )


def rejected_rows(source: Import, *, viewer: Viewer) -> Iterator[list[str]]:
    """Yield a table of the rows set apart: a header, then row, reasons, cells as they came.

    No cell of it is taken for a formula by a spreadsheet. Before the commit these are the samples
    of the preview, without their cells.
    """
    viewer.must(Can.IMPORT)
    columns = [column["name"] for column in source.proposal.get("columns", [])]
    rejected = RejectedRow.objects.filter(source=source).order_by("row")
    if source.keeper is None or not rejected.exists():
        yield ["row", "reasons"]
        for sample in source.preview.get("samples", []):
            yield [str(sample["row"]), harmless(" ".join(said[3] for said in sample["reasons"]))]
        return
    yield ["row", "reasons", *map(harmless, columns)]
    key = keys_of([source.keeper]).get(source.keeper)
    for found in rejected.iterator(chunk_size=1_000):
        reasons = " ".join(explain(reason) for reason in found.reasons)
        cells: list[str] = []
        if key is not None:
            text = open_bytes(key, bytes(found.raw), b"rejected %d" % found.row).decode()
            cells = cells_of(text)
        yield [str(found.row), harmless(reasons), *map(harmless, cells)]


def cells_of(text: str) -> list[str]:
    """Return the cells of a row set apart; one that could not be read is its line as it stood."""
    try:
        cells = json.loads(text)
    except ValueError:
        return [text]
    return [cell or "" for cell in cells] if isinstance(cells, list) else [text]


def known_contacts(kind: str, indexes: Collection[bytes]) -> dict[bytes, Resolved]:
    """Return contact, person, cluster and wrapped key behind each of these blind indexes."""
    found = customers.find_contacts(kind, indexes)
    keys = _wrapped_keys({known.person for known in found.values()})
    return {
        index: (known.contact, known.person, known.cluster, keys[known.person])
        for index, known in found.items()
        if known.person in keys
    }


def _wrapped_keys(people: Collection[int]) -> dict[int, bytes]:
    rows = customers.looked_up(
        "SELECT person_id, wrapped FROM ledger_personkey WHERE person_id", people, using="keys"
    )
    return {pk: bytes(key) for pk, key in rows}


def stored_keys(keys: Collection[bytes]) -> dict[bytes, tuple[int, int]]:
    """Return response and content key behind each of these source keys that is stored."""
    rows = customers.looked_up(
        "SELECT source_key, id, content_key FROM responses_response WHERE source_key", keys
    )
    return {bytes(key): (pk, content) for key, pk, content in rows}


def stored_contents(contents: Collection[tuple[str, int]], *, survey: int) -> set[int]:
    """Return those content keys, of (instant, content key), that a response of the survey has."""
    found: set[int] = set()
    wanted = list(contents)
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            if connection.vendor == "sqlite":
                pairs = ",".join(["(%s,%s,%s)"] * len(some))
                given = [value for at, key in some for value in (survey, at, key)]
                cursor.execute(
                    "SELECT content_key FROM responses_response WHERE "
                    f"(survey_id, answered_at, content_key) IN (VALUES {pairs})",
                    given,
                )
            else:
                cursor.execute(
                    "SELECT r.content_key FROM unnest(%s::text[], %s::bigint[]) w(at, key) "
                    "JOIN responses_response r ON r.survey_id = %s "
                    "AND r.answered_at = (w.at || '+00')::timestamptz AND r.content_key = w.key",
                    [[at for at, _ in some], [key for _, key in some], survey],
                )
            found.update(key for (key,) in cursor.fetchall())
    return found


def day_ends(after: int, upto: int) -> dict[int, int]:
    """Return the last position of each day that ended within these positions."""
    ends = DayEnd.objects.filter(position__gt=after, position__lte=upto)
    return dict(ends.values_list("day", "position"))


def fact_parts(
    after: int, upto: int
) -> Iterator[tuple[list[tuple[int, int, str]], list[tuple[int, str]]]]:
    """Yield what makes facts, some thousand entries at a time.

    A part is (position, kind, kept) of entries on answers, and (response, JSON of codes) of those
    responses that have values of undeclared dimensions.
    """
    undeclared = Dimension.objects.filter(is_declared=False).exists()
    for part in ledger.visible_entries(after, upto, size=_AT_ONCE):
        some = [entry for entry in part if entry.kind in ABOUT_ANSWERS]
        if some:
            subjects = [entry.subject for entry in some if entry.subject is not None]
            codes = _attributes(subjects) if undeclared else []
            yield [(position, kind, kept) for position, _, kind, _, kept in some], codes


def _attributes(responses: Collection[int]) -> list[tuple[int, str]]:
    if not responses:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, CAST(attributes AS text) FROM responses_response WHERE id >= %s "
            "AND id <= %s AND CAST(attributes AS text) <> '{}'",
            [min(responses), max(responses)],
        )
        wanted = set(responses)
        return [(pk, codes) for pk, codes in cursor.fetchall() if pk in wanted]


def facts(after: int, upto: int) -> Iterator[pa.RecordBatch]:
    """Yield the signed rows that became visible with after < position ≤ upto."""
    for entries, codes in fact_parts(after, upto):
        yield signed_rows(entries, dict(codes))
