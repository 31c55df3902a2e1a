"""What can be asked about responses and imports."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import islice

import pyarrow as pa
from django.db import connection
from django.db.models import Q, QuerySet

from promontory.errors import NotFound
from promontory.program.customers import queries as customers
from promontory.program.customers.models import Dimension
from promontory.program.ledger import queries as ledger
from promontory.program.ledger.models import DayEnd, PersonKey
from promontory.program.organization.access import Can, Viewer
from promontory.program.responses.models import Import, Response
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.facts import ABOUT_ANSWERS
from promontory.program.responses.rules.facts import facts as signed_rows

_AT_ONCE = 5_000


def imports(*, viewer: Viewer) -> QuerySet[Import]:
    """Return all imports, newest first."""
    viewer.must(Can.IMPORT)
    return Import.objects.select_related("survey", "by")


def one_import(pk: int, *, viewer: Viewer) -> Import:
    """Return one import."""
    found = imports(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such import.")
    return found


def visible() -> QuerySet[Response]:
    """Return the responses that are there for everybody: those of unfinished imports are not."""
    return Response.objects.filter(Q(source=None) | Q(source__status=ImportStatus.DONE))


def known_contacts(indexes: Collection[bytes]) -> dict[bytes, tuple[int, int, int, bytes]]:
    """Return contact, person, cluster and wrapped key behind each of these blind indexes."""
    found = customers.find_contacts(indexes)
    keys = _wrapped_keys({known.person for known in found.values()})
    return {
        index: (known.contact, known.person, known.cluster, keys[known.person])
        for index, known in found.items()
        if known.person in keys
    }


def _wrapped_keys(people: Collection[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    wanted = list(people)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = PersonKey.objects.filter(person_id__in=wanted[start : start + _AT_ONCE])
        found |= {pk: bytes(key) for pk, key in rows.values_list("person_id", "wrapped")}
    return found


def stored_keys(keys: Collection[bytes]) -> dict[bytes, tuple[int, int]]:
    """Return response and content key behind each of these source keys that is stored."""
    found: dict[bytes, tuple[int, int]] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Response.objects.filter(source_key__in=wanted[start : start + _AT_ONCE])
        for key, pk, content in rows.values_list("source_key", "pk", "content_key"):
            found[bytes(key)] = (pk, content)
    return found


def stored_contents(keys: Collection[int], *, survey: int) -> set[int]:
    """Return those of these content keys that a response of the survey has."""
    found: set[int] = set()
    wanted = list(keys)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = Response.objects.filter(content_key__in=some, survey=survey)
        found.update(key for key in rows.values_list("content_key", flat=True) if key is not None)
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
    entries = ledger.visible_entries(after, upto)
    answers = (entry for entry in entries if entry.kind in ABOUT_ANSWERS)
    while some := list(islice(answers, _AT_ONCE)):
        subjects = [entry.subject for entry in some if entry.subject is not None]
        codes = _attributes(subjects) if undeclared else []
        yield [(entry.position, entry.kind, entry.kept) for entry in some], codes


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
        yield signed_rows(entries, {pk: json.loads(said) for pk, said in codes})
