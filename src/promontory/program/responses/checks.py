"""The tables of responses held against the ledger: what each entry says must stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import connection

from promontory.program.ledger.actions import keys_of
from promontory.program.ledger.hooks import Mismatch
from promontory.program.ledger.models import Entry
from promontory.program.ledger.rules import EntryRow, Kind
from promontory.program.responses import queries
from promontory.program.responses.models import Answer, Import, Response
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.facts import ABOUT_ANSWERS, CHANGES
from promontory.program.responses.rules.kept import NOT_ANSWERED
from promontory.program.surveys.codes import METRIC_CODES

_TABLE = "responses_response"
_COMMITS = (int(Kind.ANSWER), int(Kind.CORRECTION))


def check(entries: Sequence[EntryRow]) -> Iterator[Mismatch]:
    """Yield the responses that say something else than the last entry on them."""
    last = _last_entries([e for e in entries if e.kind in ABOUT_ANSWERS], ABOUT_ANSWERS)
    gone = set(
        Import.objects.filter(
            pk__in={e.batch for e in last if e.batch is not None}, status=ImportStatus.CANCELLED
        ).values_list("pk", flat=True)
    )
    last = [entry for entry in last if entry.batch not in gone]
    subjects = [entry.subject for entry in last if entry.subject is not None]
    rows = Response.objects.in_bulk(subjects)
    answers = _answers(subjects)
    for entry in last:
        response = rows.get(entry.subject or 0)
        if response is None:
            yield Mismatch(_TABLE, entry.subject or 0, "row", "missing", "there")
            continue
        said = entry.values()
        said = said.get("new", said)
        wanted = {
            "survey": (response.survey_id, said["s"]),
            "version": (response.version_id, said["v"]),
            "local_day": (response.local_day, said["d"]),
            "channel": (response.channel, said["ch"]),
            "unit": (response.unit_id or 0, said["u"]),
            "mask": (response.mask, said["m"]),
            "answers": (
                sorted(answers.get(response.pk, [])),
                sorted([m, value] for m, value in said["a"] if value != NOT_ANSWERED),
            ),
        }
        for field, (stored, kept) in wanted.items():
            if stored != kept:
                yield Mismatch(_TABLE, response.pk, field, stored, kept)


def unaccounted(upto: int) -> Iterator[Mismatch]:
    """Yield the responses that no entry speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM responses_response r WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e "
            "WHERE e.subject = r.id AND e.kind = %s) ORDER BY r.id",
            [int(Kind.ANSWER)],
        )
        while rows := cursor.fetchmany(1_000):
            for (pk,) in rows:
                yield Mismatch(_TABLE, pk, "row", "there", "no entry")


def personal_values(entries: Sequence[EntryRow]) -> Mapping[int, bytes]:
    """Return the canonical personal values behind the commitments of these entries.

    A commitment that a correction has superseded speaks of words that are no longer kept.
    """
    committed = [e for e in entries if e.kind in _COMMITS and e.personal and e.person is not None]
    last = _last_entries(committed, _COMMITS)
    subjects = [entry.subject for entry in last if entry.subject is not None]
    responses = Response.objects.select_related("verbatim", "rawrow").in_bulk(subjects)
    keys = keys_of({entry.person for entry in last if entry.person is not None})
    found: dict[int, bytes] = {}
    for entry in last:
        response = responses.get(entry.subject or 0)
        key = keys.get(entry.person or 0)
        if response is None or key is None:
            continue
        said = entry.values()
        found[entry.id] = queries.personal_bytes_of(
            response,
            key,
            said.get("new", said),
            verbatim=getattr(response, "verbatim", None),
            row=getattr(response, "rawrow", None),
        )
    return found


def _last_entries(entries: Sequence[EntryRow], kinds: Iterable[int]) -> list[EntryRow]:
    """Those of these entries that no later one of these kinds has superseded."""
    subjects = {entry.subject for entry in entries if entry.subject is not None}
    later = CHANGES & set(kinds)
    changes = Entry.objects.filter(subject__in=subjects, kind__in=later)
    ends: dict[int, int] = {}
    for subject, position in changes.values_list("subject", "seal__position"):
        if subject is not None and position is not None:
            ends[subject] = max(ends.get(subject, 0), position)
    return [e for e in entries if e.position >= ends.get(e.subject or 0, 0)]


def _answers(responses: Sequence[int]) -> dict[int, list[list[int]]]:
    found: dict[int, list[list[int]]] = {}
    rows = Answer.objects.filter(response__in=responses)
    for response, metric, value in rows.values_list("response_id", "question__metric", "value"):
        found.setdefault(response, []).append([METRIC_CODES.get(metric, 0), value])
    return found
